import HindsightLog
import HindsightPostgres
import Logging

/// Which rows of a view are rebuilt.
public enum RebuildSelection: Hashable, Sendable {
    /// The row whose key columns have these texts, one for each key column in declared order.
    case key([String])
    /// The rows that events in streams of a category concern.
    case category(String)
}

extension RebuildSelection {
    /// The text of a key with one column.
    var onlyText: String? {
        if case .key(let texts) = self, texts.count == 1 { texts[0] } else { nil }
    }
}

/// The result of rebuilding some rows.
public struct PartialRebuildReport: Hashable, Sendable {
    /// The projection's name.
    public var name: String
    /// The version whose rows were folded.
    public var version: Int
    /// How many keys were rebuilt.
    public var keys: Int
    /// The position up to which they are folded: the view's own.
    public var offset: Int64
}

/// Folds some rows of the shown view from the beginning of the log, and exchanges them in one transaction.
struct PartialRebuild: Sendable {
    let log: any EventLog
    let pool: PostgresPool
    let connection: PostgresConnection
    let catalog: ProjectionCatalog
    let events: EventRegistry
    let configuration: EngineConfiguration
    let budget: RebuildBudget
    let throttle: RebuildThrottle
    let partitions: Int
    let logger: Logger

    private var taker: ProjectionPause {
        ProjectionPause(pool: pool, connection: connection, catalog: catalog, node: configuration.node)
    }

    func run(
        _ definition: ProjectionDefinition, _ view: FoldedView, _ selection: RebuildSelection
    ) async throws -> PartialRebuildReport {
        let builds = try await pool.withSession { [catalog] session in try catalog.builds(in: &session) }
        guard let build = builds[catalog.key(definition)], build.isActive, let table = build.table
        else {
            throw ProjectionError(
                .cannotRebuild,
                """
                the stable name of projection "\(definition.name)" does not show version \(definition.version), so there are no rows \
                of it to fold anew
                """)
        }
        let fold = view.makeFold(catalog.names.object(table), partitions)
        let controller = ThrottleController(
            throttle: throttle, pool: pool, log: log, catalog: catalog, logger: logger)
        return try await withBackgroundTask(controller.run) {
            do {
                return try await run(definition, view, selection, build, fold)
            } catch is RebuildLost {
                throw ProjectionError(
                    .cannotRebuild,
                    "projection \"\(definition.name)\" was swapped, reset or taken over meanwhile, and nothing was changed: try again"
                )
            }
        }
    }

    private func run(
        _ definition: ProjectionDefinition, _ view: FoldedView, _ selection: RebuildSelection, _ build: ProjectionTable,
        _ fold: any RebuildFold
    ) async throws -> PartialRebuildReport {
        let begun = try await offset(of: build)
        try await log.verify(begun)
        var end = begun.position
        try await choose(selection, fold, view.shape, definition, through: end)
        let source = Source(
            filter: .types(definition.storedTypes(events).sorted()),
            id: view.isKeyedByStream ? selection.onlyText : nil,
            pages: StreamPages(log))
        var start: Int64 = 0
        // Catches up with what the view applies in the meantime, until so little is left that the view can be held still for it.
        repeat {
            try await read(fold, source, from: start, through: end)
            start = end
            end = try await offset(of: build).position
        } while end - start > Int64(budget.rangeEvents)
        guard let held = try await taker.hold(definition.name, from: start) else { throw RebuildLost() }
        do {
            guard held.build == build, held.offset.position >= start else { throw RebuildLost() }
            try await log.verify(held.offset)
            let reached = start
            // Keys of the category that appeared after the selection are as the engine has folded them.
            try await taker.keeping(held) {
                try await read(fold, source, from: reached, through: held.offset.position)
                try await connection.withTransaction(.readCommitted) { session in
                    try session.execute(catalog.store.workOn([held.build.key], atMost: .seconds(5)))
                    // The rows first and the offset second, as in every commit of events.
                    try fold.exchange(in: &session)
                    // The rows have all of their events now.
                    let parked = try catalog.store.parkedKeys(of: held.build.key, in: &session)
                    try session.execute(
                        catalog.store.unpark(try fold.chosen(amongParked: parked), of: held.build.key))
                    guard try catalog.store.fence(held.build.key, epoch: held.epoch, in: &session) else {
                        throw RebuildLost()
                    }
                }
            }
        } catch {
            try? await taker.letGo(held)  // the first error is the one to tell
            throw error
        }
        return PartialRebuildReport(
            name: definition.name, version: definition.version, keys: fold.chosenCount, offset: held.offset.position)
    }

    /// Where a table stands.
    private func offset(of build: ProjectionTable) async throws -> Offset {
        try await pool.withSession { [catalog] session in
            try catalog.store.state(build.key, in: &session)?.offset ?? .beginning
        }
    }

    private func choose(
        _ selection: RebuildSelection, _ fold: any RebuildFold, _ shape: ViewShape, _ definition: ProjectionDefinition,
        through end: Int64
    ) async throws {
        switch selection {
        case .key(let texts):
            guard fold.restrict(toKey: texts) else {
                throw ProjectionError(
                    .cannotRebuild,
                    "\(texts) is no key of projection \"\(definition.name)\", whose key columns are \(shape.keyDescription)"
                )
            }
        case .category(let category):
            fold.noteKeys()
            try await read(
                fold, Source(filter: .category(category), id: nil, pages: StreamPages(log)), from: 0, through: end)
            fold.restrictToNoted()
        }
    }

    /// The events that the rows are folded from.
    private struct Source {
        let filter: EventFilter
        /// The id of the streams that have all of them, if the row's key says it.
        let id: String?
        /// Those streams.
        let pages: StreamPages
    }

    private func read(
        _ fold: any RebuildFold, _ source: Source, from start: Int64, through end: Int64
    ) async throws {
        guard start < end else { return }
        let budget = budget
        var pages: StreamPages?
        if let id = source.id, let streams = try await log.streams(withID: id) {
            source.pages.look(into: streams)
            pages = source.pages
        }
        let replay = ParallelReplay(
            log: log, pages: pages, pool: pool, folds: [fold], filter: source.filter, fields: .all, from: start,
            through: end, batchBytes: budget.batchBytes,
            pace: RebuildPace(events: budget.rangeEvents, bytes: budget.rangeBytes), throttle: throttle
        ) { _, _ in
        }
        let readers = (0..<(pages == nil ? budget.readers : 1)).map { _ in
            RebuildReader(registry: events, folds: [fold])
        }
        let outcome = try await replay.run(readers) { fold.byteCount > budget.rowBytes }
        if let failure = outcome.failures[0] {
            throw ProjectionError(
                .stopped,
                """
                event \(failure.event.version) of stream \(failure.event.stream) at position \(failure.event.position) cannot be \
                applied: \(failure.error). Nothing was changed
                """)
        }
        guard outcome.reached == end else {
            throw ProjectionError(
                .cannotRebuild,
                "the rows of \(fold.chosenCount) keys do not fit in memory: rebuild the whole view, or allow more memory"
            )
        }
    }
}
