import Hindsight
import HindsightPostgres

/// What each account that is not closed has: rows that are created, changed, deleted and created again.
struct Account: ViewRow, Hashable {

    var id = ""
    var entries = 0
    var balance = 0
    var lastPosition: Int64 = 0

    static let table = ViewTable("account", of: Self(), key: \.id, \.entries, \.balance, \.lastPosition)

    /// - Parameters:
    ///   - factor: what every amount is multiplied by.
    ///   - hook: called before each deposit is folded.
    static func projection(
        version: Int = 1, factor: Int = 1,
        before hook: @escaping @Sendable (Bank.Deposited, RecordedEvent) throws -> Void = { _, _ in }
    ) -> ViewProjection<Account> {
        ViewProjection(Account.self, version: version)
            .onOptional(Bank.Deposited.self, key: { $1.stream.id }) { row, event, context in
                try hook(event, context)
                add(factor * event.amount, to: &row, context)
            }
            .onOptional(Bank.Withdrawn.self, key: { $1.stream.id }) { row, event, context in
                add(-factor * event.amount, to: &row, context)
            }
            .onOptional(Bank.Closed.self, key: { $1.stream.id }) { row, _, _ in row = nil }
    }

    /// The same, with the keys that folds have if they say none.
    static func byStream() -> ViewProjection<Account> {
        ViewProjection(Account.self, version: 1)
            .onOptional(Bank.Deposited.self) { row, event, context in add(event.amount, to: &row, context) }
            .onOptional(Bank.Withdrawn.self) { row, event, context in add(-event.amount, to: &row, context) }
            .delete(on: Bank.Closed.self)
    }

    static func add(_ amount: Int, to row: inout Account?, _ context: RecordedEvent) {
        var account = row ?? Account(id: context.stream.id)
        account.entries += 1
        account.balance += amount
        account.lastPosition = context.position
        row = account
    }

    /// The same in SQL, over the events up to a position.
    static func recount(through position: Int64 = .max) -> String {
        """
        select substr(e.stream, 9) as id, count(*) as entries,
            sum((e.data ->> 'amount')::bigint * case e.type when 'Deposited' then 1 else -1 end)::bigint as balance,
            max(e.position) as last_position
        from hindsight.events e
        where e.type in ('Deposited', 'Withdrawn') and e.position <= \(position) and e.position > coalesce((
            select max(c.position) from hindsight.events c
            where c.stream = e.stream and c.type = 'Closed' and c.position <= \(position)), 0)
        group by e.stream
        """
    }
}
