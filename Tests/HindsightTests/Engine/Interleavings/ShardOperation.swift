import HindsightPostgres

/// An operation as the engine sends it, statement by statement.
///
/// What nobody else can notice belongs to the step that follows: `begin` takes no snapshot, and settings are the session's own.
/// A lock timeout is left out, so that waits end in every way; one that runs out rolls back as a deadlock does.
struct ShardOperation: Sendable, CustomStringConvertible {
    /// What a step sees of the rows.
    enum Reading: Sendable {
        case nothing
        /// It takes the snapshot by which later steps read.
        case snapshot
        case bySnapshot
        /// Whatever is committed.
        case latest
    }

    enum Outcome: Sendable {
        case done
        /// The operation does not go on, and is rolled back.
        case refused(String)
        case read([Int64])
        /// It has committed by this epoch.
        case advanced(ShardWorld.Shard, epoch: Int64)
    }

    /// What the operation knows from its earlier steps.
    struct Memory: Sendable {
        var epoch: Int64 = 1
        var position: Int64 = 0
        var table = ""
    }

    struct Step: Sendable {
        let name: String
        var reads = Reading.nothing
        /// True if others can see something else afterwards.
        var commits = false
        let run: @Sendable (inout PostgresSession, inout Memory) throws -> Outcome
    }

    let name: String
    /// True if it goes back in time or empties rows on purpose.
    var mayGoBack = false
    let steps: [Step]

    var description: String { name }

    init(_ name: String, mayGoBack: Bool = false, _ steps: [Step]) {
        (self.name, self.mayGoBack, self.steps) = (name, mayGoBack, steps)
    }

    /// The same with all steps of another one before it.
    func after(_ other: ShardOperation) -> ShardOperation {
        ShardOperation("\(other.name), \(name)", mayGoBack: mayGoBack || other.mayGoBack, other.steps + steps)
    }

    /// The same with a transaction's statements in fewer steps, for orders of three operations.
    func coarse(_ groups: [Int]) -> ShardOperation {
        var rest = steps[...]
        let joined = groups.map { count in
            let parts = Array(rest.prefix(count))
            rest = rest.dropFirst(count)
            return Step.joined(parts)
        }
        precondition(rest.isEmpty, "each step belongs to a group")
        return ShardOperation(name, mayGoBack: mayGoBack, joined)
    }
}

extension ShardOperation.Step {
    static func joined(_ parts: [ShardOperation.Step]) -> ShardOperation.Step {
        ShardOperation.Step(
            name: parts.map(\.name).joined(separator: " + "), commits: parts.contains(where: \.commits)
        ) { session, memory in
            var outcome = ShardOperation.Outcome.done
            for part in parts {
                outcome = try part.run(&session, &memory)
                if case .refused = outcome { break }
            }
            return outcome
        }
    }

    /// A statement whose answer does not matter.
    static func statement(_ name: String, _ statement: SQL) -> ShardOperation.Step {
        ShardOperation.Step(name: name) { session, _ in
            _ = try session.query(statement)
            return .done
        }
    }

    static let commit = ShardOperation.Step(name: "commit", commits: true) { session, _ in
        try session.execute("commit")
        return .done
    }
}
