import Hindsight

/// Accounts as a second version has them: the same columns, and every balance and position twice as large.
enum Doubled {
    static func projection(version: Int = 2) -> ViewProjection<Account> {
        ViewProjection(Account.self, version: version)
            .on(Bank.Deposited.self, key: { $1.stream.id }) { row, event, context in
                add(event.amount, to: &row, context)
            }
            .on(Bank.Withdrawn.self, key: { $1.stream.id }) { row, event, context in
                add(-event.amount, to: &row, context)
            }
            .on(Bank.Closed.self, key: { $1.stream.id }) { row, _, _ in row = nil }
    }

    private static func add(_ amount: Int, to row: inout Account?, _ context: RecordedEvent) {
        var account = row ?? Account(id: context.stream.id)
        account.entries += 1
        account.balance += 2 * amount
        account.lastPosition = context.position
        row = account
    }

    /// The same in SQL.
    static var recount: String {
        "select id, entries, 2 * balance as balance, last_position from (\(Account.recount())) single"
    }
}
