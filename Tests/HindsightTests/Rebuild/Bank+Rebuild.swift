import Hindsight
import HindsightPostgres
import Testing

/// Rebuilding the bank's projections.
extension Bank {
    /// Several readers, and checkpoints as often as they come.
    static var eager: RebuildOptions {
        var options = RebuildOptions()
        options.readers = 4
        options.checkpointInterval = .zero
        return options
    }

    /// Eager, and so slow that there are many checkpoints in a small log.
    static var slow: RebuildOptions {
        var options = eager
        options.throttle = .eventsPerSecond(200)
        return options
    }

    func rebuilder(
        _ projections: any Projection..., configuration: EngineConfiguration = Bank.small,
        registry: EventRegistry = Bank.registry
    ) -> ProjectionRebuilder {
        ProjectionRebuilder(
            ProjectionContext(
                log: log, database: viewsDatabase, pool: views, projections: projections, events: registry,
                configuration: configuration, logger: LogFixture.logger))
    }

    /// Rebuilds one projection.
    @discardableResult
    func rebuild(
        _ projection: any Projection, _ change: (inout RebuildOptions) -> Void = { _ in }
    ) async throws -> RebuildReport {
        var options = Self.eager
        change(&options)
        return try #require(try await rebuilder(projection).rebuild([projection.name], options: options).first)
    }

    /// Runs a rebuild in a task of its own, cancels it when `body` is done, and waits for its end.
    func interrupting(
        _ projection: any Projection, options: RebuildOptions = Bank.eager, when body: () async throws -> Void
    ) async throws {
        let rebuilder = rebuilder(projection)
        let task = Task { try await rebuilder.rebuild([projection.name], options: options) }
        do {
            try await body()
            task.cancel()
        } catch {
            task.cancel()
            _ = await task.result
            throw error
        }
        await #expect(throws: (any Error).self) { try await task.value }
    }

    /// Fills an empty log with so many events, faster than appends would: one account after the other, in no order.
    ///
    /// - Parameter padding: how much longer the accounts' names are than their numbers.
    func fill(_ count: Int, accounts: Int = 997, padding: Int = 0) async throws {
        try await script(
            """
            insert into hindsight.events
            select n, row_number() over (partition by n * 7919 % \(accounts) order by n) - 1, now(), now(), gen_random_uuid(), 1,
                'account-' || n * 7919 % \(accounts) || repeat('x', \(padding)),
                case when n % 31 = 0 then 'Closed' when n % 7 = 0 then 'Transferred' when n % 3 = 0 then 'Withdrawn'
                    else 'Deposited' end,
                case when n % 5 > 0 then 'request ' || n end, null,
                case when n % 31 = 0 then '{}'
                    when n % 7 = 0 then format('{"to":"%s","amount":%s}', n * 31 % \(accounts), n % 9 + 1)
                    else format('{"amount":%s}', n * 31 % 97 + 1) end::json, null
            from generate_series(1, \(count)::bigint) n;
            select setval('hindsight.positions', \(count));
            analyze hindsight.events;
            """)
    }

    /// Appends so many batches of random events, whose positions lie so far apart that each is a range of its own to a rebuild.
    func appendSparse(batches: Int, of size: Int = 20, seed: UInt64 = 1) async throws {
        for batch in 0..<batches {
            try await appendRandom(size, seed: seed &* 1_000 &+ UInt64(batch), batch: size)
            let last = try await log.frontier().position
            try await fixture.drawPositions(through: last + max(16_384, last / 3))
        }
    }

    /// The table that a projection's stable name shows.
    func shownTable(_ name: String) async throws -> String? {
        try await views.withSession { session in
            try session.query("select view_table from hindsight.projections where name = \(name) and active")
                .first?.decode(0, as: String?.self)
        }
    }

    func tableExists(_ name: String) async throws -> Bool {
        try await value("select to_regclass(\("hindsight.\(name)")) is not null")
    }

    /// How far a rebuild is, as the database says; nil if there is none.
    func rebuildStatus(of projection: any Projection) async throws -> RebuildStatus? {
        try await administration(projection).rebuilds().first {
            $0.name == projection.name && $0.version == projection.definition.version
        }
    }

    /// A projection has counted each event of these types once.
    func expectApplied(
        _ name: String, version: Int = 1, kind: String = "projection", _ types: [String],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let offset = try #require(
            try await offset(of: name, version: version, kind: kind), sourceLocation: sourceLocation)
        let list = types.map { "'\($0)'" }.joined(separator: ", ")
        let wanted: Int = try await value(
            """
            select count(*) from hindsight.events where type in (\(unsafeSQL: list)) and position <= \(offset.position)
            """)
        #expect(offset.applied == wanted, "\(name) version \(version)", sourceLocation: sourceLocation)
    }
}
