import Hindsight

/// The results of comparing projections with the log, as a table or as JSON.
enum ProofTable {
    static func write(_ proofs: [ProjectionProof], app: String, to output: CommandOutput) throws {
        guard !output.isJSON else { return try output.write(.array(proofs.map { fields($0, app: app) })) }
        let columns: [Table.Column] = [
            .init(name: "name"), .init(name: "version", alignment: .right), .init(name: "proof"),
            .init(name: "offset", alignment: .right), .init(name: "applied", alignment: .right),
            .init(name: "in the log", alignment: .right), .init(name: "parked", alignment: .right),
            .init(name: "what to do"),
        ]
        var table = Table(columns, layout: output.statusLayout) { try output.write($0) }
        for proof in proofs {
            try table.append([
                proof.name, "\(proof.version)", word(proof.verdict), "\(proof.offset)", "\(proof.eventsApplied)",
                expected(proof).map { "\($0)" } ?? "", proof.parked.keys > 0 ? "\(proof.parked.keys)" : "",
                remedy(proof, app: app) ?? "",
            ])
        }
        try table.finish()
    }

    /// What is wrong with a projection and what to do about it; nil if nothing is known to be wrong.
    static func difference(_ proof: ProjectionProof, app: String) -> String? {
        switch proof.verdict {
        case .proven, .unknown: return nil
        case .differs(let expected):
            let applied = Table.grouped(proof.eventsApplied)
            let found =
                expected.count == proof.eventsApplied
                ? "others, or some of them twice in place of others"
                : "\(Table.grouped(expected.count))"
            return """
                projection "\(proof.name)" version \(proof.version) has applied \(applied) events up to position \(proof.offset), and \
                the log holds \(found) there: run `\(app) projections rebuild \(proof.name)`, and report this
                """
        }
    }

    private static func word(_ verdict: ProjectionProof.Verdict) -> String {
        switch verdict {
        case .proven: "proven"
        case .differs: "differs"
        case .unknown: "unknown"
        }
    }

    /// How many events the log holds, if they were counted.
    private static func expected(_ proof: ProjectionProof) -> Int64? {
        switch proof.verdict {
        case .proven: proof.eventsApplied
        case .differs(let expected): expected.count
        case .unknown: nil
        }
    }

    private static func remedy(_ proof: ProjectionProof, app: String) -> String? {
        let rebuild = "`\(app) projections rebuild \(proof.name)`"
        switch proof.verdict {
        case .proven where proof.parked.keys > 0:
            return "\(proof.parked.keys) rows lack events: `\(app) projections parked \(proof.name)`"
        case .proven: return nil
        case .differs: return rebuild
        case .unknown(.movedByEarlierRelease): return "a program of the release before has moved it: \(rebuild)"
        case .unknown(.notDeclared): return "this program declares another version: ask the one that declares this one"
        case .unknown(.notStarted): return "it was never run: `\(app) run`"
        }
    }

    private static func fields(_ proof: ProjectionProof, app: String) -> OutputValue {
        .object([
            "name": .string(proof.name), "version": OutputValue(proof.version),
            "proof": .string(word(proof.verdict)), "offset": .integer(proof.offset),
            "events_applied": .integer(proof.eventsApplied),
            "events_in_log": expected(proof).map { .integer($0) } ?? .null,
            "parked_keys": OutputValue(proof.parked.keys), "parked_events": .integer(proof.parked.events),
            "remedy": OutputValue(remedy(proof, app: app)),
        ])
    }
}
