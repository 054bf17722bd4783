/// How a transaction begins. Isolation and access are always set explicitly, regardless of the role's defaults.
public struct TransactionOptions: Sendable, Hashable {
    /// What a transaction sees of other transactions; see "Transaction Isolation" in PostgreSQL's manual.
    public enum Isolation: String, Sendable, Hashable {
        /// Each statement sees what was committed before it began.
        case readCommitted = "read committed"
        /// All statements see what was committed before the first one.
        case repeatableRead = "repeatable read"
        /// Transactions behave as if they ran one after another; expect serialization failures and retry.
        case serializable
    }

    /// What the transaction sees of other transactions.
    public var isolation: Isolation
    /// Whether writing is refused.
    public var isReadOnly: Bool
    /// Whether a serializable, read-only transaction waits for a moment at which it cannot fail.
    public var isDeferrable: Bool

    /// Read committed, read-write.
    public static let readCommitted = TransactionOptions(.readCommitted)
    /// Repeatable read, read-write.
    public static let repeatableRead = TransactionOptions(.repeatableRead)
    /// Serializable, read-write.
    public static let serializable = TransactionOptions(.serializable)

    /// Creates options.
    ///
    /// - Parameters:
    ///   - isolation: what the transaction sees of other transactions.
    ///   - isReadOnly: whether writing is refused.
    ///   - isDeferrable: whether a serializable, read-only transaction waits for a moment at which it cannot fail.
    public init(_ isolation: Isolation, isReadOnly: Bool = false, isDeferrable: Bool = false) {
        self.isolation = isolation
        self.isReadOnly = isReadOnly
        self.isDeferrable = isDeferrable
    }

    /// The SQL that follows `BEGIN`.
    var clauses: String {
        let deferrable = isDeferrable ? "deferrable" : "not deferrable"
        return "isolation level \(isolation.rawValue), \(isReadOnly ? "read only" : "read write"), \(deferrable)"
    }
}
