import Hindsight
import HindsightPostgres
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A log of numbers, and subscriptions to it.
struct SubscriptionFixture: Sendable {
    let fixture: LogFixture

    var log: PostgresEventLog { fixture.log }
    var pool: PostgresPool { fixture.pool }

    static func open<Value>(
        conninfo: String? = nil, configuration: PostgresEventLog.Configuration = .init(),
        _ body: (SubscriptionFixture) async throws -> Value
    ) async throws -> Value {
        try await LogFixture.withLog(conninfo: conninfo, configuration: configuration) { fixture in
            try await body(SubscriptionFixture(fixture: fixture))
        }
    }

    func subscription(
        _ options: SubscriptionOptions = SubscriptionOptions(), log: (any EventLog)? = nil
    ) -> Subscription {
        Subscription(
            log: log ?? self.log, pool: fixture.pool, options: options, logger: LogFixture.logger)
    }

    /// Appends numbers, one append each.
    @discardableResult
    func append(
        _ numbers: ClosedRange<Int>, type: String = "Counted", to stream: StreamName = "counter-1"
    ) async throws -> AppendResult {
        var result: AppendResult?
        for number in numbers {
            result = try await log.append(LogFixture.event(number, type: type), to: stream)
        }
        return try #require(result)
    }

    /// The number in an event.
    static func number(_ event: RecordedEvent) throws -> Int {
        try #require(try JSONEventCodec().decode([String: Int].self, from: event.data)["number"])
    }

    /// Runs a subscription until it has handled so many events, and says which.
    func collect(_ count: Int, _ subscription: Subscription) async throws -> [Int] {
        let numbers = Recorder<Int>()
        try await subscription.run { event in
            numbers.note(try Self.number(event))
            if numbers.count == count { subscription.stop() }
        }
        return numbers.all
    }

    func collect(_ count: Int, _ options: SubscriptionOptions = SubscriptionOptions()) async throws -> [Int] {
        try await collect(count, subscription(options))
    }

    /// Where a durable name stands, and who has it; nil if it is not known.
    func offset(of name: String) async throws -> (position: Int64, applied: Int, processID: Int32?, epoch: Int64)? {
        try await pool.withSession { session in
            try session.query(
                """
                select position, applied, owner_pid, epoch from hindsight.offsets where kind = 'subscription' and name = \(name)
                """
            ).first.map {
                (
                    position: try $0.decode(0, as: Int64.self), applied: try $0.decode(1, as: Int.self),
                    processID: try $0.decode(2, as: Int32?.self), epoch: try $0.decode(3, as: Int64.self)
                )
            }
        }
    }

    /// Waits until somebody has a durable name; returns the server process of the reader's connection.
    func untilTaken(_ name: String) async throws -> Int32 {
        var processID: Int32?
        try await Bank.until("somebody has the name \(name)") {
            processID = try await offset(of: name)?.processID
            return processID != nil
        }
        return try #require(processID)
    }

    /// Has another reader take a durable name for an hour: with a lease that ends soon, the first one would rightly take the name back
    /// on a machine that was silent for as long.
    func steal(_ name: String) async throws {
        try await pool.withSession {
            try $0.execute(
                """
                update hindsight.offsets
                set epoch = epoch + 1, owner = 'thief', leased_until = clock_timestamp() + interval '1 hour'
                where kind = 'subscription' and name = \(name)
                """)
        }
    }

    /// Takes a durable name or a projection from its owner for an hour, as a successor does that has not seen its lease renewed.
    static func takeOver(_ name: String, in pool: PostgresPool) async throws {
        try await Bank.until("\(name) is taken over") {
            try await pool.withSession { session in
                // A renewal may come in between.
                try session.query(
                    """
                    select t.status from hindsight.offsets o cross join lateral hindsight.take_shard(
                        row(o.kind, o.name, o.version, o.partition, o.log)::hindsight.shard, 'successor', interval '1 hour',
                        o.epoch, o.renewals) t
                    where o.name = \(name)
                    """
                ).first?.decode(0, as: String.self) == "taken"
            }
        }
    }

    func terminate(_ processID: Int32) async throws {
        try await pool.withSession { try $0.execute("select pg_terminate_backend(\(processID))") }
        try await Bank.until("process \(processID) is gone") {
            try await pool.withSession {
                try $0.query("select from pg_stat_activity where pid = \(processID)").isEmpty
            }
        }
    }
}
