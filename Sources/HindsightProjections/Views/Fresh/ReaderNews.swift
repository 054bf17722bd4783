import HindsightLog
import HindsightPostgres

/// What a process tells others that wait to read: how far it has come with which views.
///
/// It is told in a transaction of its own after the one that commits the rows. Within that one, NOTIFY would hold a lock on
/// the whole server while the commit is flushed.
struct ReaderNews: Sendable {
    let names: SchemaNames

    /// What to add to a `select`, as its last column: whether somebody listens.
    var look: SQL { ", \(identifier: names.object("readers_listen"))()" }

    /// The answer to ``look``.
    static func answer(_ result: PostgresResult) throws -> Bool {
        guard let row = result.first else { return false }
        return try row.decode(result.columnNames.count - 1)
    }

    /// The statement that tells them; nil if there is nothing to tell.
    func telling(_ members: [ProjectionMember], _ offset: Offset) -> SQL? {
        let lines = members.filter { $0.key.kind == .projection }.map {
            Self.text(ShownVersion(name: $0.key.name, version: $0.key.version), offset.position)
        }
        return lines.isEmpty ? nil : "select \(identifier: names.object("tell_readers"))(\(lines))"
    }

    // The payload: version, position and name of a view; a line for each of several.

    static func text(_ view: ShownVersion, _ position: Int64) -> String {
        "\(view.version) \(position) \(view.name)"
    }

    /// What a notification says; empty for anything else, which may come from anybody.
    static func parse(_ payload: String) -> [(ShownVersion, Int64)] {
        payload.split(separator: "\n").compactMap { line in
            let parts = line.split(separator: " ", maxSplits: 2)
            guard parts.count == 3, let version = Int(parts[0]), let position = Int64(parts[1]) else { return nil }
            return (ShownVersion(name: String(parts[2]), version: version), position)
        }
    }
}
