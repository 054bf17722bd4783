import HindsightPostgres

extension ProjectionAdministration {
    /// Why a row of a view looks as it does: the events that made it, and the row before and after each.
    ///
    /// ```swift
    /// let why = try await administration.explain("order_summary", key: ["536365"])
    /// for step in why.steps { print(step.event.position, step.event.type, step.changes.map { why.columns[$0] }) }
    /// ```
    ///
    /// The row is folded in memory by the folds of this program, up to where the view stands, and compared with the row that the view
    /// has there. Nothing is written, and a running engine is not disturbed. Where all keys are ids of streams, only the streams of
    /// that id are read; otherwise the log's events of the projection's types are.
    ///
    /// An event that cannot be applied, or not decoded, ends the explanation and is shown with its error.
    ///
    /// - Parameters:
    ///   - name: the projection's name. Of several declared versions the one that is shown is explained, else the newest.
    ///   - key: the texts of the key's columns, in declared order.
    ///   - position: a position, to see the row as it was there, this event included; beyond the frontier it is the frontier. Defaults
    ///     to nil: where the view stands.
    ///   - limit: how many of the last steps the result has, from 0. Defaults to 100.
    ///   - onProgress: told now and then how far the log is read, and up to where it will be.
    ///   - onStep: told of each step, in order, while the log is read: for a row that has more of them than fit in memory. An error
    ///     ends the reading, and is thrown.
    /// - Throws: ``ProjectionError`` with `unknownProjection`, or `cannotExplain` for a key that is none and for a projection that
    ///   writes tables of its own; ``EventLogError`` with `anchorMismatch` if the log was rewound, or is not the one that the view was
    ///   folded from.
    public func explain(
        _ name: String, key: [String], at position: Int64? = nil, limit: Int = 100,
        onProgress: @escaping @Sendable (_ reached: Int64, _ end: Int64) -> Void = { _, _ in },
        onStep: @escaping @Sendable (RowStep) throws -> Void = { _ in }
    ) async throws -> RowExplanation {
        let catalog = try await catalog()
        let definition = try await shownDefinition(name)
        guard case .view(let view) = definition.kind else {
            throw ProjectionError(
                .cannotExplain,
                """
                projection "\(name)" writes tables of its own, and which of their rows an event concerns only its handlers know: its \
                rows cannot be explained
                """)
        }
        guard let trace = view.makeTrace(key) else {
            throw ProjectionError(
                .cannotExplain,
                "\(key) is no key of projection \"\(name)\", whose key columns are \(view.shape.keyDescription)")
        }
        let kept = KeptSteps(limit: limit)
        trace.onStep = { step in
            kept.note(step)
            try onStep(step)
        }
        let history = RowHistory(
            log: log, pool: pool, catalog: catalog, events: events, definition: definition, trace: trace,
            streamID: view.isKeyedByStream && key.count == 1 ? key[0] : nil, onProgress: onProgress)
        var explanation = try await history.run(
            at: position,
            RowExplanation(
                name: name, version: definition.version, columns: view.shape.columns.map(\.name), key: key, position: 0,
                comparison: .notCompared(.notShown)))
        explanation.steps = kept.all
        return explanation
    }

    /// The declared version that is shown; the newest one if none of them is.
    package func shownDefinition(_ name: String) async throws -> ProjectionDefinition {
        let newest = try definition(name)
        let catalog = try await catalog()
        let shown = try await pool.withSession { session in try catalog.activeVersions(in: &session)[name] }
        return definitions.first { $0.name == name && $0.version == shown } ?? newest
    }
}
