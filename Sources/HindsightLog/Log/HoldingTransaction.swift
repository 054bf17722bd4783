/// An open transaction that others wait for: an append that holds the frontier back, or a lock that is in the way.
public struct HoldingTransaction: Hashable, Sendable {
    /// The server process; nil for a prepared transaction, which belongs to none.
    public var processID: Int32?
    /// The name under which the transaction was prepared for a later commit; nil if it was not.
    public var preparedName: String?
    /// The role that began it.
    public var role: String?
    /// The name that its client has given itself.
    public var application: String?
    /// What its session is doing, such as `idle in transaction`; nil if hidden.
    public var state: String?
    /// Its last statement; nil if hidden.
    public var query: String?
    /// For how many seconds it has been open, as far as that can be seen.
    public var seconds: Double?
    /// True if the asking role may not see what others do; in PostgreSQL, members of `pg_read_all_stats` may.
    public var isHidden: Bool

    /// A transaction of which nothing else is known.
    public init(
        processID: Int32? = nil, preparedName: String? = nil, role: String? = nil, application: String? = nil,
        state: String? = nil, query: String? = nil, seconds: Double? = nil, isHidden: Bool = false
    ) {
        self.processID = processID
        self.preparedName = preparedName
        self.role = role
        self.application = application
        self.state = state
        self.query = query
        self.seconds = seconds
        self.isHidden = isHidden
    }
}
