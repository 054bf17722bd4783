import HindsightLog
import HindsightPostgres

/// Folds the events that are noted for parked keys onto their rows, as they stand, and exchanges the rows in one transaction.
struct ParkedRetry: Sendable {
    let log: any EventLog
    let pool: PostgresPool
    let connection: PostgresConnection
    let catalog: ProjectionCatalog
    let events: EventRegistry
    let node: String

    /// How many events are read and decoded at once.
    private static let batch = 500
    /// The total size of events that are in memory at once; a single one may be larger.
    private static let batchBytes = 8 << 20

    private var pause: ProjectionPause {
        ProjectionPause(pool: pool, connection: connection, catalog: catalog, node: node)
    }

    /// - Parameter chosen: the texts of one key's columns; nil for all parked keys.
    func run(_ definition: ProjectionDefinition, _ chosen: [String]?) async throws -> RetryReport {
        guard let held = try await pause.hold(definition.name, from: 0) else { throw notShown(definition) }
        guard held.build.key.version == definition.version else {
            try await pause.letGo(held)
            throw notShown(definition)
        }
        do {
            // The positions that are noted are those of the log that was folded.
            try await log.verify(held.offset)
            let healed = try await pause.keeping(held) { try await retry(definition, chosen, held) }
            let left = try await chosenEntries(definition, chosen, held)
            return RetryReport(
                name: definition.name, version: definition.version, healed: healed,
                remaining: try await log.parkedKeys(left))
        } catch {
            try? await pause.letGo(held)  // the first error is the one to tell
            throw error
        }
    }

    private func notShown(_ definition: ProjectionDefinition) -> ProjectionError {
        ProjectionError(
            .cannotRetry,
            "version \(definition.version) of projection \"\(definition.name)\" is not shown, so none of its rows can be folded on"
        )
    }

    /// The parked keys that are retried.
    private func chosenEntries(
        _ definition: ProjectionDefinition, _ chosen: [String]?, _ held: HeldProjection
    ) async throws -> [ParkedStore.Entry] {
        let parked = ParkedStore(store: catalog.store, key: held.build.key)
        let entries = try await pool.withSession { session in try parked.entries(in: &session) }
        guard let chosen else { return entries }
        let run = definition.makeRun(catalog.location(held.build))
        return try entries.filter { run.isSameKey(try ParkedKeyText.decode($0.text), chosen) }
    }

    /// - Returns: how many keys are not parked any more.
    private func retry(
        _ definition: ProjectionDefinition, _ chosen: [String]?, _ held: HeldProjection
    ) async throws -> Int {
        let parked = ParkedStore(store: catalog.store, key: held.build.key)
        let entries = try await chosenEntries(definition, chosen, held)
        if let chosen, entries.isEmpty {
            throw ProjectionError(
                .cannotRetry, "key \(chosen.joined(separator: ", ")) of projection \"\(definition.name)\" is not parked"
            )
        }
        let keys = entries.filter(\.isComplete).map(\.text)
        if let chosen, keys.isEmpty {
            throw ProjectionError(
                .cannotRetry,
                """
                more than 1,000 events wait for key \(chosen.joined(separator: ", ")), of which only the first are noted: fold its row \
                anew from the log
                """)
        }
        let work = Work(run: definition.makeRun(catalog.location(held.build)), events: events, keys: keys)
        try await fold(parked, work)
        let lost = RebuildLost()
        try await connection.withTransaction(.readCommitted) { [catalog] session in
            try session.execute(catalog.store.workOn([held.build.key], atMost: .seconds(5)))
            // The rows first and the offset second, as in every commit of events.
            try work.write(in: &session)
            try session.execute(catalog.store.unpark(keys, of: held.build.key))
            let notes = work.run.parkedNotes()
            if !notes.isEmpty { try session.execute(catalog.store.park(notes, of: held.build.key)) }
            guard try catalog.store.fence(held.build.key, epoch: held.epoch, in: &session) else { throw lost }
            work.failed = Set(notes.keys)
        }
        return keys.count - work.failed.count
    }

    private func fold(_ parked: ParkedStore, _ work: Work) async throws {
        var position: Int64 = 0
        while true {
            let start = position
            var noted = try await connection.withSession { session in
                try parked.events(of: work.keys, after: start, limit: Self.batch, in: &session)
            }
            guard !noted.isEmpty else { return }
            let positions: [Int64] = noted.reduce(into: []) { if $0.last != $1.position { $0.append($1.position) } }
            let page = try await log.events(at: positions, maximumBytes: Self.batchBytes)
            let last = page.isCut ? page.events.last?.position ?? start : positions[positions.count - 1]
            noted.removeAll { $0.position > last }
            let found = Set(page.events.map(\.position))
            if let missing = noted.first(where: { !found.contains($0.position) }) {
                throw ProjectionError(
                    .cannotRetry,
                    "the log holds no event at position \(missing.position) any more, which key \(missing.key) lacks")
            }
            let (events, waiting) = (page.events, noted)
            try await connection.withSession { session in try work.fold(events, waiting, in: &session) }
            position = last
        }
    }

    /// The rows that are folded on. `@unchecked Sendable`: it is used by one task, which waits for the connection each time.
    private final class Work: @unchecked Sendable {
        let run: any ProjectionRun
        let keys: [String]
        var failed: Set<String> = []
        private let decoders: EventDecoders

        init(run: any ProjectionRun, events: EventRegistry, keys: [String]) {
            self.run = run
            self.keys = keys
            decoders = EventDecoders(registry: events)
            run.bind(to: decoders)
        }

        func fold(
            _ events: [RecordedEvent], _ noted: [(key: String, position: Int64)], in session: inout PostgresSession
        ) throws {
            run.begin(forgettingRows: false)
            // None of the keys counts as parked here.
            if !run.knowsParked { try run.accept(parked: []) }
            decoders.decode(events)
            if let other = try run.keepNoted(events, noted) {
                throw ProjectionError(
                    .cannotRetry,
                    """
                    the event at position \(other.position) does not concern key \(other.key) any more, for which it was parked, and may \
                    concern others: fold the rows anew, by key or by a rebuild. Nothing was changed
                    """)
            }
            if let statement = try run.load(presumingNew: nil) {
                try run.accept(try session.pipeline([.preferKeyLookUps, statement])[1])
            }
            run.fold(events)
            if let (index, error) = run.failure {
                throw ProjectionError(
                    .cannotRetry, "event at position \(events[index].position): \(error). Nothing was changed")
            }
        }

        func write(in session: inout PostgresSession) throws {
            for statement in try run.writes() { try session.execute(statement) }
        }
    }
}
