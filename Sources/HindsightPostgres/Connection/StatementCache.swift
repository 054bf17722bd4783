/// Which statements are prepared on a connection, and under what names. The least recently used one makes room for a new one.
struct StatementCache {
    /// What makes a prepared statement: its text and the types of its parameters.
    struct Key: Hashable {
        let text: String
        let parameterTypes: [UInt32]

        init(_ sql: SQL) {
            text = sql.text
            parameterTypes = sql.parameterTypes
        }
    }

    private struct Entry {
        let name: String
        var lastUse: Int
    }

    private let capacity: Int
    private let prefix: String
    private var entries: [Key: Entry] = [:]
    private var uses = 0
    private var serial = 0
    /// Statements that the server still has and nobody will use again.
    private var discarded: [String] = []

    /// - Parameter capacity: The largest number of prepared statements.
    init(capacity: Int = 256) {
        self.capacity = capacity
        // Behind a pooler, other clients' statements can be on the same server connection.
        prefix = "hindsight_" + String(UInt64.random(in: 0 ... .max), radix: 36) + "_"
    }

    /// The name that the statement is prepared under, if it is.
    mutating func name(for key: Key) -> String? {
        guard let index = entries.index(forKey: key) else { return nil }
        uses += 1
        entries.values[index].lastUse = uses
        return entries.values[index].name
    }

    /// A name that no statement has had.
    mutating func makeName() -> String {
        serial += 1
        return prefix + String(serial)
    }

    /// Notes that the statement has been prepared under this name.
    mutating func insert(_ key: Key, name: String) {
        if entries.count >= capacity, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            remove(oldest.key)
        }
        uses += 1
        entries[key] = Entry(name: name, lastUse: uses)
    }

    /// Forgets a statement.
    ///
    /// - Parameter isOnServer: Whether the server still has it, so that it is to be deallocated there.
    mutating func remove(_ key: Key, isOnServer: Bool = true) {
        if let entry = entries.removeValue(forKey: key), isOnServer {
            discarded.append(entry.name)
        }
    }

    /// Forgets all statements, because the server has none of them any more.
    mutating func removeAll() {
        entries.removeAll()
        discarded.removeAll()
    }

    /// The names to deallocate on the server, each handed out once.
    mutating func takeDiscarded() -> [String] {
        defer { discarded.removeAll() }
        return discarded
    }

    /// How many statements are prepared.
    var count: Int { entries.count }
}
