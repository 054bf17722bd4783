/// The version of this package.
enum HindsightVersion {
    static let text = "0.1.0-dev"
}
