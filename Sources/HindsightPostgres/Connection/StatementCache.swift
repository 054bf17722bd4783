/// The statements that are prepared on a connection, with their names. A new statement replaces the least recently used
/// one.
struct StatementCache {
    /// The identity of a prepared statement: its text and the types of its parameters.
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
    /// Statements that the server still has but that will not be used again.
    private var discarded: [String] = []

    /// - Parameter capacity: the largest number of prepared statements.
    init(capacity: Int = 256) {
        self.capacity = capacity
        // Behind a pooler, other clients' statements can be on the same server connection.
        prefix = "hindsight_" + String(UInt64.random(in: 0 ... .max), radix: 36) + "_"
    }

    /// The name under which the statement is prepared; nil if it is not.
    mutating func name(for key: Key) -> String? {
        guard let index = entries.index(forKey: key) else { return nil }
        uses += 1
        entries.values[index].lastUse = uses
        return entries.values[index].name
    }

    /// A name that was never used.
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
    /// - Parameter isOnServer: whether the server still has it, so that it must be deallocated there.
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

    /// The names to deallocate on the server, each returned once.
    mutating func takeDiscarded() -> [String] {
        defer { discarded.removeAll() }
        return discarded
    }

    /// How many statements are prepared.
    var count: Int { entries.count }
}
