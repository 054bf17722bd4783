extension PostgresError: CustomStringConvertible, CustomDebugStringConvertible {
    /// The failure in one line, without row data, parameters or passwords.
    public var description: String {
        var text = code.description
        if let sqlState {
            text += " (\(sqlState))"
        }
        text += ": \(safeMessage)"
        if let constraint {
            text += " [constraint \(constraint)]"
        }
        return text
    }

    /// All details, including those that must not go to an ordinary log. It never holds the connection's password.
    public var debugDescription: String {
        var text = code.description
        if let sqlState {
            text += " (\(sqlState))"
        }
        text += ": \(message)"
        let fields = [
            ("detail", detail), ("hint", hint), ("constraint", constraint), ("table", table), ("column", column),
            ("statement", statement), ("underlying", underlying.map { String(reflecting: $0) }),
        ]
        for case (let name, let value?) in fields {
            text += "\n  \(name): \(value)"
        }
        return text
    }

    /// The message, cut before the first quotation if the server quotes data there (SQLSTATE class 22, data
    /// exceptions).
    private var safeMessage: String {
        guard let sqlState, sqlState.hasPrefix("22"), let quote = message.firstIndex(of: "\"") else {
            return message
        }
        var end = quote
        while end > message.startIndex {
            let before = message.index(before: end)
            guard message[before] == " " || message[before] == ":" else { break }
            end = before
        }
        return String(message[..<end])
    }
}
