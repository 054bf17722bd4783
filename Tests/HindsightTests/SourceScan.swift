/// Goes through source text by brackets and strings, interpolated ones too.
struct SourceScan {
    private(set) var rest: Substring

    init(_ text: Substring) {
        rest = text
    }

    /// The parts between commas up to a closing bracket, without the white space around them.
    mutating func list(until closing: Character) -> [Substring] {
        var parts: [Substring] = []
        var start = rest
        while let character = rest.first {
            if character == closing || character == "," {
                parts.append(start[..<rest.startIndex])
                rest.removeFirst()
                start = rest
                if character == closing { break }
            } else {
                skip()
            }
        }
        return parts.map { part in
            let head = part.drop(while: \.isWhitespace)
            return head[..<(head.lastIndex { !$0.isWhitespace }.map(head.index(after:)) ?? head.startIndex)]
        }.filter { !$0.isEmpty }
    }

    /// Moves past a character, or past a string or a bracket with all that it holds.
    private mutating func skip() {
        switch rest.removeFirst() {
        case "\"": skipString()
        case "(": skipBracket(")")
        case "[": skipBracket("]")
        case "{": skipBracket("}")
        default: break
        }
    }

    private mutating func skipBracket(_ closing: Character) {
        while let character = rest.first, character != closing { skip() }
        rest = rest.dropFirst()
    }

    /// Moves past a string whose opening quote is behind.
    mutating func skipString() {
        while let character = rest.popFirst(), character != "\"" {
            guard character == "\\", rest.popFirst() == "(" else { continue }
            skipBracket(")")
        }
    }
}
