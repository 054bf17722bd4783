import Hindsight
import HindsightValues

/// Parked keys, as a table or as JSON.
enum ParkedTable {
    static func write(_ keys: [ParkedKey], of name: String, _ runtime: AppRuntime) throws {
        let output = runtime.output
        var table = Table(
            [
                .init(name: "key"), .init(name: "position", alignment: .right), .init(name: "type"),
                .init(name: "stream"),
                .init(name: "events", alignment: .right), .init(name: "since", isExpendable: true),
            ], layout: output.statusLayout
        ) { try output.write($0) }
        for key in keys {
            try table.append([
                key.key.joined(separator: ", "), "\(key.position)", key.event?.type ?? "",
                key.event.map { "\($0.stream)" } ?? "", "\(key.events)", key.parkedAt.description,
            ])
        }
        try table.finish()
        for line in errors(keys) { try output.write(line) }
        for key in keys where !key.isComplete {
            let options = key.key.map { "--key \($0)" }.joined(separator: " ")
            try output.write(
                "\(key.key.joined(separator: ", ")): too many events to retry; `\(runtime.name) projections heal \(name) \(options)`"
            )
        }
    }

    /// What went wrong, each error once, with the keys that have it, of which the first few are named.
    static func errors(_ keys: [ParkedKey]) -> [String] {
        var errors: [(text: String, keys: [ParkedKey])] = []
        for key in keys {
            if let index = errors.firstIndex(where: { $0.text == key.error }) {
                errors[index].keys.append(key)
            } else {
                errors.append((key.error, [key]))
            }
        }
        return errors.map { text, keys in
            let names = keys.prefix(3).map { $0.key.joined(separator: ", ") }.joined(separator: "; ")
            let others = keys.count > 3 ? " and \(keys.count - 3) more" : ""
            return "\(names)\(others): \(text)"
        }
    }

    static func fields(_ key: ParkedKey) -> OutputValue {
        .object([
            "key": .array(key.key.map { .string($0) }), "position": .integer(key.position),
            "type": OutputValue(key.event?.type), "stream": OutputValue(key.event.map { "\($0.stream)" }),
            "event_id": OutputValue(key.event.map { "\($0.id)".lowercased() }), "error": .string(key.error),
            "events": .integer(key.events), "last_position": .integer(key.lastPosition),
            "parked_at": .string(key.parkedAt.description), "can_be_retried": .bool(key.isComplete),
        ])
    }
}
