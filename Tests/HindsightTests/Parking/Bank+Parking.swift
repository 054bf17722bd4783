import Hindsight
import HindsightPostgres
import Testing

extension Bank {
    /// The amount of a deposit that no fold of these tests can take, until it is mended.
    static let poison = 666

    /// Accounts whose fold fails at poison, after it has changed the row.
    static func parkingAccounts(version: Int = 1, atMost maximum: Int = 1_000) -> ViewProjection<Account> {
        failingAccounts(version: version).parking(atMost: maximum)
    }

    /// The same, which poison stops.
    static func failingAccounts(version: Int = 1) -> ViewProjection<Account> {
        ViewProjection(Account.self, version: version)
            .onOptional(Deposited.self, key: { $1.stream.id }) { row, event, context in
                Account.add(event.amount, to: &row, context)
                if event.amount == poison { throw Refusal() }
            }
            .onOptional(Withdrawn.self, key: { $1.stream.id }) { row, event, context in
                Account.add(-event.amount, to: &row, context)
            }
            .onOptional(Closed.self, key: { $1.stream.id }) { row, _, _ in row = nil }
    }

    /// Random events of forty accounts, with poison in some of them.
    ///
    /// - Returns: the accounts with poison, and the position of each one's first.
    @discardableResult
    func appendPoisoned(_ accounts: [String], among count: Int = 400, seed: UInt64 = 1) async throws -> [String: Int64]
    {
        try await appendRandom(count / 2, seed: seed)
        var first: [String: Int64] = [:]
        for account in accounts {
            first[account] = try await append(Deposited(amount: Self.poison), to: account).position
        }
        try await appendRandom(count / 2, seed: seed + 1_000)
        return first
    }

    /// The events that an account's row lacks, if it was parked at a position, up to where the projection stands.
    func lacking(_ account: String, from position: Int64) async throws -> Int64 {
        try await value(
            """
            select count(*) from hindsight.events
            where stream = \("account-" + account) and type in ('Deposited', 'Withdrawn', 'Closed') and position >= \(position)
                and position <= (select o.position from hindsight.offsets o where o.kind = 'projection' and o.name = 'account')
            """)
    }

    /// The view of accounts is what SQL says: without the events that parked rows lack, and with all others.
    func expectAccounts(
        parked: [String: Int64], in view: String = "account", sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let bounds = parked.map { "('\($0)', \($1))" }.joined(separator: ", ")
        let log =
            parked.isEmpty
            ? "hindsight.events"
            : """
            (select e.* from hindsight.events e left join (values \(bounds)) b (id, position) on e.stream = 'account-' || b.id
            where b.position is null or e.position < b.position)
            """
        try await expect(
            view, equals: Account.recount().replacing("hindsight.events", with: log), sourceLocation: sourceLocation)
    }

    /// What is parked is this, and as many events wait as the log has.
    func expectParked(_ parked: [String: Int64], sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let found = try await administration(Self.parkingAccounts()).parked("account")
        #expect(
            Dictionary(uniqueKeysWithValues: found.map { ($0.key.joined(separator: ","), $0.position) }) == parked,
            sourceLocation: sourceLocation)
        for key in found {
            #expect(
                try await lacking(key.key[0], from: key.position) == key.events, "\(key)",
                sourceLocation: sourceLocation)
        }
    }
}
