import Hindsight
import HindsightPostgres
import Testing

/// Each account's deposits and withdrawals, written by free SQL with several accounts in flight. An event that is handled twice, or
/// after a later one of its account, fails.
enum Passbook {
    static let types = ["Deposited", "Withdrawn"]

    typealias Hook = @Sendable (inout PostgresSession, _ amount: Int, RecordedEvent) throws -> Void

    /// What a handler does after its event's effect.
    static func projection(keysInFlight: Int = 4, after hook: @escaping Hook = { _, _, _ in }) -> SQLProjection {
        empty(keysInFlight)
            .on(Bank.Deposited.self, key: { $1.stream }) { session, event, context in
                try enter(event.amount, context, in: &session)
                try hook(&session, event.amount, context)
            }
            .on(Bank.Withdrawn.self, key: { $1.stream }) { session, event, context in
                try enter(-event.amount, context, in: &session)
                try hook(&session, -event.amount, context)
            }
    }

    /// The same by a program that says no keys.
    static func withoutKeys(after hook: @escaping Hook = { _, _, _ in }) -> SQLProjection {
        empty(1)
            .on(Bank.Deposited.self) { session, event, context in
                try enter(event.amount, context, in: &session)
                try hook(&session, event.amount, context)
            }
            .on(Bank.Withdrawn.self) { session, event, context in
                try enter(-event.amount, context, in: &session)
                try hook(&session, -event.amount, context)
            }
    }

    private static func empty(_ keysInFlight: Int) -> SQLProjection {
        SQLProjection(
            "passbook", version: 1,
            setUp: [
                """
                create table passbook (
                    account text primary key, entries bigint not null, balance bigint not null, last_position bigint not null);
                create table posting (position bigint primary key, account text not null, amount bigint not null)
                """
            ],
            clear: ["truncate passbook, posting"], keysInFlight: keysInFlight)
    }

    private static func enter(_ amount: Int, _ context: RecordedEvent, in session: inout PostgresSession) throws {
        let (account, position) = (context.stream.id, context.position)
        let count = try session.execute(
            """
            insert into passbook values (\(account), 1, \(amount), \(position))
            on conflict (account) do update set entries = passbook.entries + 1, balance = passbook.balance + excluded.balance,
                last_position = excluded.last_position
            where passbook.last_position < excluded.last_position
            """)
        guard count == 1 else { throw Bank.Refusal(description: "\(position) of \(account) comes twice or too late") }
        try session.execute("insert into posting values (\(position), \(account), \(amount))")
    }

    static let recount = """
        select substr(e.stream, 9) as account, count(*) as entries,
            sum((e.data ->> 'amount')::bigint * case e.type when 'Deposited' then 1 else -1 end)::bigint as balance,
            max(e.position) as last_position
        from hindsight.events e where e.type in ('Deposited', 'Withdrawn') group by e.stream
        """

    static let postings = """
        select e.position, substr(e.stream, 9) as account,
            (e.data ->> 'amount')::bigint * case e.type when 'Deposited' then 1 else -1 end as amount
        from hindsight.events e where e.type in ('Deposited', 'Withdrawn')
        """
}

extension Bank {
    /// Each event is in the passbooks once, is counted once, and nothing is noted any more.
    func expectPassbooks(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await expect("passbook", equals: Passbook.recount, sourceLocation: sourceLocation)
        try await expect("posting", equals: Passbook.postings, sourceLocation: sourceLocation)
        try await expectProven("passbook", Passbook.types, sourceLocation: sourceLocation)
        #expect(
            try await value("select count(*) from hindsight.handled_events") == 0, "notes are left",
            sourceLocation: sourceLocation)
    }

    /// The positions of the events that are noted as handled beyond the offset.
    func handledBeyond() async throws -> Set<Int64> {
        let positions: [Int64] = try await value(
            "select coalesce(array_agg(p), '{}') from hindsight.handled_events h, unnest(h.positions) p")
        return Set(positions)
    }
}
