extension FreshReadError {
    static func notShown(_ name: String, _ requested: Int64, in schema: String) -> FreshReadError {
        FreshReadError(
            code: .notShown, projection: name, requested: requested, position: nil,
            description: """
                no projection "\(name)" is shown by the engine in schema \(schema): start an engine that declares it, or check the \
                name and the schemas
                """)
    }

    static func stopped(_ standing: ViewStanding, _ requested: Int64) -> FreshReadError {
        let name = standing.view.name
        return FreshReadError(
            code: .stopped, projection: name, requested: requested, position: standing.position,
            description: """
                projection "\(name)" stands at position \(standing.position) and does not come to \(requested): it stopped \
                \(standing.stop ?? "at an event"). Mend the cause and resume it
                """)
    }

    static func parked(_ standing: ViewStanding, at position: Int64, _ requested: Int64) -> FreshReadError {
        let name = standing.view.name
        return FreshReadError(
            code: .parked, projection: name, requested: requested, position: standing.position,
            description: """
                the row does not come to position \(requested): its key is parked at position \(position), where an event could not be \
                folded. See the parked keys of projection "\(name)", mend the cause, and retry them
                """)
    }

    static func notWorkedOn(_ standing: ViewStanding, _ requested: Int64, lease: Duration) -> FreshReadError {
        let name = standing.view.name
        return FreshReadError(
            code: .notWorkedOn, projection: name, requested: requested, position: standing.position,
            description: """
                projection "\(name)" stands at position \(standing.position) and does not come to \(requested): no process has worked \
                on it for longer than a lease (\(lease)). Start an engine that declares version \(standing.view.version)
                """)
    }

    /// - Parameter head: the log's frontier; nil if it could not be asked.
    static func timedOut(
        _ standing: ViewStanding, _ requested: Int64, after timeout: Duration, head: Int64?
    ) -> FreshReadError {
        let name = standing.view.name
        var text =
            "projection \"\(name)\" has not come to position \(requested) within \(timeout): it stands at \(standing.position)"
        if let head, head >= requested { text += " of \(head)" }
        let lag = requested - standing.position
        text += ", \(lag) position\(lag == 1 ? "" : "s") before that"
        if let head, head < requested {
            text += """
                , and the log itself ends at \(head): either the append is not visible yet, because one before it is still open, \
                or the position is of another log
                """
        } else if standing.isHeld == false {
            text += ", and no process works on it"
        } else if let owner = standing.owner {
            text += ", and \(owner) works on it"
            if let trouble = standing.error { text += ", which is held up: \(trouble)" }
        }
        return FreshReadError(
            code: .timedOut, projection: name, requested: requested, position: standing.position, description: text)
    }
}
