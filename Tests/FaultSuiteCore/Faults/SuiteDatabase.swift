import Hindsight
import HindsightPostgres
import HindsightValues

/// What the suite asks the server directly, past the proxies.
struct SuiteDatabase: Sendable {
    /// Where a projection or a subscription stands.
    struct Place: Hashable, Sendable {
        var position: Int64
        /// The node that has it.
        var owner: String?
        var error: String?
        /// Whether it has stopped at an event.
        var isStopped: Bool
    }

    let pool: PostgresPool

    /// The highest position, and where the projections and the subscription stand.
    func look() async throws -> (head: Int64, places: [String: Place]) {
        try await pool.withSession { session in
            let rows = try session.query(
                """
                select o.name, o.position, case o.kind when 'subscription' then a.application_name else o.owner end, o.error,
                    (select coalesce(max(position), 0) from hindsight.events), o.stopped_at is not null
                from hindsight.offsets o left join pg_stat_activity a on a.pid = o.owner_pid
                where o.kind in ('projection', 'subscription')
                """)
            var places: [String: Place] = [:]
            var head: Int64 = 0
            for row in rows {
                places[try row.decode(0)] = Place(
                    position: try row.decode(1), owner: try row.decode(2), error: try row.decode(3),
                    isStopped: try row.decode(5))
                head = try row.decode(4)
            }
            return (head, places)
        }
    }

    /// Waits until every projection, and the subscription, has passed what is the head now.
    ///
    /// - Throws: ``FaultFailure`` that says where each of them stands if that takes longer than `limit`.
    func survive(within limit: Duration = .seconds(60), _ what: String) async throws {
        let deadline = ContinuousClock.now + limit
        let head = try await patiently { try await look().head }
        while true {
            let (_, places) = try await patiently { try await look() }
            let behind = places.filter { $0.value.position < head }
            if behind.isEmpty, places.count == LoadProjections.recounts.count { return }
            guard .now < deadline else {
                let list = behind.map { name, place in
                    "\(name) at \(place.position) with \(place.owner ?? "nobody")\(place.error.map { " (\($0))" } ?? "")"
                }
                throw FaultFailure(
                    "\(what): \(limit) later this has not passed \(head): \(list.sorted().joined(separator: ", "))")
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// Tries again while the server is away or has no room.
    @discardableResult
    func patiently<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            do {
                return try await body()
            } catch let error where error.isInterruption && .now < deadline {
                try await Task.sleep(for: .milliseconds(10))
            }
        }
    }

    /// Looks again and again until there is something to see; nil if there is not within `limit`.
    func poll<Value: Sendable>(within limit: Duration, _ look: () async throws -> Value?) async throws -> Value? {
        let deadline = ContinuousClock.now + limit
        while .now < deadline {
            do {
                if let value = try await look() { return value }
            } catch let error where error.isInterruption {
                // The server is away for a moment.
            }
            try await Task.sleep(for: .milliseconds(3))
        }
        return nil
    }

    // MARK: - Inside a commit

    /// What lets a commit of a node take its time: a deferred trigger of the offsets, which runs when everything else of a batch is
    /// done, and one of the notes of what is handled beyond them.
    func prepareMoments() async throws {
        try await pool.withSession { session in
            try session.script(
                """
                create schema faults;
                create table faults.slow (node text primary key, seconds double precision not null);
                create function faults.linger() returns trigger language plpgsql as $$
                begin
                    if exists (select from faults.slow) then
                        perform pg_sleep(s.seconds) from faults.slow s where s.node = current_setting('application_name');
                    end if;
                    return null;
                end $$;
                create constraint trigger linger after update on hindsight.offsets deferrable initially deferred
                    for each row when (old.position is distinct from new.position) execute function faults.linger();
                create constraint trigger linger after insert on hindsight.handled_events deferrable initially deferred
                    for each row execute function faults.linger();
                """)
        }
    }

    /// The table that the subscription writes; those of the projections they make themselves.
    func prepareCourier() async throws {
        try await pool.withSession { session in
            for statement in Courier.passbook.setUp { try session.script(statement) }
        }
    }

    /// Has the commits of a node take their time.
    func slowDown(_ node: String) async throws {
        try await patiently {
            try await pool.withSession { session in
                try session.execute("insert into faults.slow values (\(node), 0.8) on conflict do nothing")
            }
        }
    }

    func slowDownNobody() async throws {
        try await patiently {
            try await pool.withSession { session in try session.execute("delete from faults.slow") }
        }
    }

    /// True if a node is inside a commit that takes its time.
    func isCommitting(_ node: String) async throws -> Bool {
        try await pool.withSession { session in
            try !session.query(
                "select from pg_stat_activity where application_name = \(node) and wait_event = 'PgSleep'"
            ).isEmpty
        }
    }

    /// Ends one of the sessions, of nodes and of the suite.
    ///
    /// - Returns: whose it was; nil if there is none.
    func terminate(_ choice: UInt64) async throws -> String? {
        try await patiently {
            try await pool.withSession { session in
                let rows = try session.query(
                    """
                    select pid, application_name from pg_stat_activity
                    where backend_type = 'client backend' and pid <> pg_backend_pid() and datname = current_database()
                    order by backend_start
                    """)
                guard !rows.isEmpty else { return nil }
                let row = rows[Int(choice % UInt64(rows.count))]
                let process: Int32 = try row.decode(0)
                _ = try session.query("select pg_terminate_backend(\(process))")
                return try row.decode(1, as: String.self)
            }
        }
    }
}
