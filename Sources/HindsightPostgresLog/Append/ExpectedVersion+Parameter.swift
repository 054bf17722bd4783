import HindsightLog

extension ExpectedVersion {
    /// The parameter for `append()`: null, -1, -2, or the version.
    package var parameter: Int64? {
        switch self {
        case .any: nil
        case .noStream: -1
        case .exists: -2
        case .exact(let version): version
        }
    }
}
