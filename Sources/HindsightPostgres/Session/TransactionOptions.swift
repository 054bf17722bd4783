/// How a transaction is begun. Isolation and access are always said explicitly, whatever the role's defaults are.
public struct TransactionOptions: Sendable, Hashable {
    /// What a transaction sees of others; see "Transaction Isolation" in PostgreSQL's manual.
    public enum Isolation: String, Sendable, Hashable {
        /// Each statement sees what was committed before it began.
        case readCommitted = "read committed"
        /// All statements see what was committed before the first one.
        case repeatableRead = "repeatable read"
        /// As if transactions ran one after the other; expect serialization failures and retry.
        case serializable
    }

    /// What the transaction sees of others.
    public var isolation: Isolation
    /// Whether writing is refused.
    public var isReadOnly: Bool
    /// Whether a serializable, read-only transaction waits for a moment at which it cannot fail.
    public var isDeferrable: Bool

    /// Read committed, read and write.
    public static let readCommitted = TransactionOptions(.readCommitted)
    /// Repeatable read, read and write.
    public static let repeatableRead = TransactionOptions(.repeatableRead)
    /// Serializable, read and write.
    public static let serializable = TransactionOptions(.serializable)

    /// Creates options.
    ///
    /// - Parameters:
    ///   - isolation: What the transaction sees of others.
    ///   - isReadOnly: Whether writing is refused.
    ///   - isDeferrable: Whether a serializable, read-only transaction waits for a moment at which it cannot fail.
    public init(_ isolation: Isolation, isReadOnly: Bool = false, isDeferrable: Bool = false) {
        self.isolation = isolation
        self.isReadOnly = isReadOnly
        self.isDeferrable = isDeferrable
    }

    /// What follows `BEGIN`.
    var clauses: String {
        let deferrable = isDeferrable ? "deferrable" : "not deferrable"
        return "isolation level \(isolation.rawValue), \(isReadOnly ? "read only" : "read write"), \(deferrable)"
    }
}
