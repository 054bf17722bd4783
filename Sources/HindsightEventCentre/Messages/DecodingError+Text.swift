extension DecodingError {
    /// Where in the data it is, and what is wrong there.
    var centreText: String {
        let context: Context
        var what = ""
        switch self {
        case .typeMismatch(_, let found): context = found
        case .valueNotFound(_, let found): context = found
        case .keyNotFound(let key, let found):
            context = found
            what = " (\(key.stringValue))"
        case .dataCorrupted(let found): context = found
        @unknown default: return "it cannot be decoded"
        }
        let path = context.codingPath.map { $0.intValue.map { "\($0)" } ?? $0.stringValue }.joined(separator: ".")
        return (path.isEmpty ? "" : "\(path): ") + context.debugDescription + what
    }
}
