import Hindsight

/// Accounts as a second version has them: the same columns, and every balance twice as large.
enum Doubled {
    static func projection(version: Int = 2) -> ViewProjection<Account> {
        Account.projection(version: version, factor: 2)
    }

    /// The same in SQL.
    static var recount: String {
        "select id, entries, 2 * balance as balance, last_position from (\(Account.recount())) single"
    }
}
