/// How a statement can be sent, judged by its first word.
enum StatementKind {
    /// Worth preparing: it may be run again.
    case preparable
    /// `COPY`, which has its own protocol.
    case copy
    /// Everything else, sent without preparing.
    case other

    init(_ text: String) {
        switch Self.firstWord(of: text) {
        case "select", "with", "insert", "update", "delete", "values", "merge", "table", "(":
            self = .preparable
        case "copy":
            self = .copy
        default:
            self = .other
        }
    }

    /// The first word in lower case, after white space and comments.
    private static func firstWord(of text: String) -> String {
        var rest = text.utf8[...]
        while let first = rest.first {
            if first == UInt8(ascii: " ") || (9...13).contains(first) {
                rest = rest.dropFirst()
            } else if rest.starts(with: "--".utf8) {
                rest = rest.drop { $0 != UInt8(ascii: "\n") }
            } else if rest.starts(with: "/*".utf8) {
                rest = afterComment(rest)
            } else if first == UInt8(ascii: "(") {
                return "("
            } else {
                let word = rest.prefix { ($0 | 0x20) >= UInt8(ascii: "a") && ($0 | 0x20) <= UInt8(ascii: "z") }
                return String(Substring(word)).lowercased()
            }
        }
        return ""
    }

    /// The text after a block comment; such comments nest.
    private static func afterComment(_ text: Substring.UTF8View) -> Substring.UTF8View {
        var rest = text
        var depth = 0
        repeat {
            if rest.starts(with: "/*".utf8) {
                depth += 1
                rest = rest.dropFirst(2)
            } else if rest.starts(with: "*/".utf8) {
                depth -= 1
                rest = rest.dropFirst(2)
            } else {
                rest = rest.dropFirst()
            }
        } while depth > 0 && !rest.isEmpty
        return rest
    }
}
