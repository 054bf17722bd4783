import HindsightLog
import HindsightPostgres
import HindsightValues

extension ProjectionCatalog {
    /// Prepares projections as ``register(_:in:)`` does, but for those whose `setUp` fails: the others go on.
    ///
    /// - Returns: those that failed; ``stop(_:_:in:)`` says so to everybody.
    func registerEach(
        _ definitions: [ProjectionDefinition], in session: inout PostgresSession
    ) throws -> [(definition: ProjectionDefinition, failure: SetUpFailure)] {
        // Outside of the savepoints, which would give the lock back.
        try lock(in: &session)
        var failed: [(definition: ProjectionDefinition, failure: SetUpFailure)] = []
        for definition in definitions {
            do {
                try session.withSavepoint { session in try register(definition, in: &session) }
            } catch let failure as SetUpFailure {
                failed.append((definition, failure))
            }
        }
        return failed
    }

    /// Runs the statements that make a projection's own tables.
    ///
    /// - Throws: ``SetUpFailure`` unless the server is in trouble, which passes.
    func setUp(_ tables: OwnTables, in session: inout PostgresSession) throws {
        for (index, statement) in tables.setUp.enumerated() {
            do {
                try session.script(statement)
            } catch let error as PostgresError where !error.isInterruption && !error.isServerTrouble {
                throw SetUpFailure(statement: index + 1, count: tables.setUp.count, cause: error)
            }
        }
    }

    /// Notes that a projection stopped before its first event, and why.
    func stop(
        _ definition: ProjectionDefinition, _ failure: SetUpFailure, in session: inout PostgresSession
    ) throws {
        let key = key(definition)
        try session.execute(store.make(key))
        guard let state = try store.state(key, in: &session) else { return }
        try session.execute(store.stop(key, epoch: state.epoch, at: .beginning, error: "\(failure)"))
    }
}
