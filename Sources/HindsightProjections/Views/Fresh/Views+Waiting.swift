import HindsightLog
import HindsightPostgres
import Synchronization

extension Views {
    /// How long the log may take to say where it ends, for an error that would be as true without.
    private static let headPatience = Duration.seconds(3)

    func read(_ names: [String], _ statement: SQL?, _ position: Int64) -> FreshRead {
        FreshRead(
            names: names, position: position, schema: SchemaNames(schema: configuration.schema), viewSchema: schema,
            statement: statement)
    }

    func read<Row: ViewRow, Value: Sendable>(
        _ type: Row.Type, _ statement: SQL, _ position: Int64, _ timeout: Duration,
        _ decode: @escaping @Sendable (PostgresResult) throws -> Value
    ) async throws -> Reading<Value> {
        let name = Row.table.name
        return try await read(read([name], statement, position), locking: [name], timeout, decode)
    }

    /// Reads as soon as the rows are there.
    ///
    /// - Parameter views: the names that are views.
    func read<Value: Sendable>(
        _ read: FreshRead, locking views: [String], _ timeout: Duration,
        _ decode: @escaping @Sendable (PostgresResult) throws -> Value
    ) async throws -> Reading<Value> {
        try await reading(read, locking: views, timeout) { session in
            let (standings, result) = try read.run(locking: views, in: &session)
            // Rows that are not wanted need not be decoded, and may be of another version.
            return (standings, read.isReached(standings) ? try result.map(decode) : nil)
        }
    }

    /// Reads as soon as the rows are there.
    ///
    /// - Parameter attempt: reads in one transaction how the views stand, and a value if they are far enough.
    func reading<Value: Sendable>(
        _ read: FreshRead, locking views: [String], _ timeout: Duration,
        _ attempt: @escaping @Sendable (inout PostgresSession) throws -> ([ViewStanding], Value?)
    ) async throws -> Reading<Value> {
        let deadline = ContinuousClock.now + timeout
        try await waitForNews(read, deadline)
        while true {
            let stamp = reads.stamp
            let (standings, value) = try await naming(views, read.position) { try await pool.withSession(attempt) }
            let shown = try all(read, standings)
            for standing in shown {
                guard let parkedAt = standing.parkedAt, parkedAt <= read.position else { continue }
                throw FreshReadError.parked(standing, at: parkedAt, read.position)
            }
            guard let lagging = shown.min(by: { $0.position < $1.position }), lagging.position < read.position else {
                // Somebody has made a view of what was none, in between.
                guard let value, shown.allSatisfy({ !$0.isView || views.contains($0.view.name) }) else { continue }
                return Reading(value: value, position: shown.map(\.position).min() ?? 0)
            }
            try await wait(for: lagging, read.position, stamp, deadline, timeout)
        }
    }

    /// Which of the names are views, once they are far enough.
    func views(among read: FreshRead, _ timeout: Duration) async throws -> [String] {
        let deadline = ContinuousClock.now + timeout
        try await waitForNews(read, deadline)
        let statement = ViewStanding.query(read.names, below: read.position, read.schema)
        while true {
            let stamp = reads.stamp
            let standings = try await pool.withSession { session in
                try session.query(statement).map { try ViewStanding($0) }
            }
            let shown = try all(read, standings)
            guard let lagging = shown.first(where: { $0.position < read.position }) else {
                return shown.filter(\.isView).map(\.view.name).sorted()
            }
            try await wait(for: lagging, read.position, stamp, deadline, timeout)
        }
    }

    /// Waits for a moment where it is going to be told that the views have come to the position: a look before that would find
    /// nothing, and take from the engine what it needs to get there.
    ///
    /// A stop, a swap or a parked key in between is found by the look that follows.
    private func waitForNews(_ read: FreshRead, _ deadline: ContinuousClock.Instant) async throws {
        let end = min(deadline, .now + WaitingReads.interval)
        for name in read.names {
            guard let view = reads.expected(name, at: read.position) else { continue }
            let wish = WaitingReads.Wish(
                view: view, position: read.position, deadline: end, lease: configuration.leaseDuration)
            _ = try await reads.wait(for: wish, pool)
        }
    }

    /// Says which view does not exist, if that is why a read fails.
    private func naming<Value>(
        _ views: [String], _ position: Int64, _ body: () async throws -> Value
    ) async throws -> Value {
        do {
            return try await body()
        } catch let error as PostgresError where error.sqlState == "42P01" {
            // The view's name, or one in a statement of the caller's own.
            guard let name = try await missing(views) else { throw error }
            throw FreshReadError.notShown(name, position, in: configuration.schema)
        }
    }

    /// The first of the views that does not exist.
    private func missing(_ views: [String]) async throws -> String? {
        for name in views {
            let view = PostgresIdentifier(schema: PostgresIdentifier(schema), name)
            let isThere = try await pool.withSession { session in
                try session.query("select to_regclass(\(view.quoted)) is not null")[0].decode(0, as: Bool.self)
            }
            if !isThere { return name }
        }
        return nil
    }

    /// The standings of all names.
    private func all(_ read: FreshRead, _ standings: [ViewStanding]) throws -> [ViewStanding] {
        let found = Set(standings.map(\.view.name))
        if let missing = read.names.first(where: { !found.contains($0) }) {
            throw FreshReadError.notShown(missing, read.position, in: configuration.schema)
        }
        return standings
    }

    /// Returns when it is worthwhile to look again.
    private func wait(
        for standing: ViewStanding, _ position: Int64, _ stamp: UInt64, _ deadline: ContinuousClock.Instant,
        _ timeout: Duration
    ) async throws {
        let lease = configuration.leaseDuration
        switch reads.note(standing, before: stamp, lease: lease) {
        case .open: break
        case .stopped: throw FreshReadError.stopped(standing, position)
        case .abandoned: throw FreshReadError.notWorkedOn(standing, position, lease: lease)
        }
        let wish = WaitingReads.Wish(view: standing.view, position: position, deadline: deadline, lease: lease)
        guard try await !reads.wait(for: wish, pool) else { return }
        throw FreshReadError.timedOut(
            reads.standing(of: standing.view) ?? standing, position, after: timeout, head: await head())
    }

    /// The log's frontier, if the log is known and answers.
    private func head() async -> Int64? {
        guard let log else { return nil }
        return await withTaskGroup(of: Int64?.self) { tasks in
            // Without it the error is as true.
            tasks.addTask { try? await log.frontier().position }
            tasks.addTask {
                try? await Task.sleep(for: Self.headPatience)  // cancelled: the log was quicker
                return nil
            }
            defer { tasks.cancelAll() }
            return await tasks.next() ?? nil
        }
    }
}

extension Views {
    /// How many reads wait at the moment, of all users of the pool.
    package var waitingReads: Int { reads.state.withLock(\.board.count) }
}
