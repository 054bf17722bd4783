extension String {
    /// Whether the text needs no quoting in a shell, a conninfo string or a list of folders.
    var isPlain: Bool {
        !isEmpty
            && utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
                case UInt8(ascii: "0")...UInt8(ascii: "9"): true
                case UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
                default: false
                }
            }
    }

    /// The text as one word of a POSIX shell.
    var quotedForShell: String {
        isPlain ? self : "'" + split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
    }

    /// The text as a value in a libpq conninfo string.
    var quotedForConninfo: String {
        if isPlain { return self }
        var quoted = "'"
        for character in self {
            if character == "'" || character == "\\" { quoted.append("\\") }
            quoted.append(character)
        }
        return quoted + "'"
    }

    /// The text as an SQL identifier.
    var quotedForSQL: String {
        "\"" + split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }

    /// The last lines of the text.
    func lastLines(_ count: Int) -> String {
        split(separator: "\n").suffix(count).joined(separator: "\n")
    }
}
