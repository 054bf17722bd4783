import Hindsight

/// Counts the events whose type an app does not know.
package struct UnknownTypes: Sendable {
    /// How many names are listed for people; programs get all.
    private static let shown = 20
    /// How many names are kept apart.
    private static let kept = 10_000
    /// Under which name all others are counted.
    private static let others = "(other types)"

    private let vocabulary: EventVocabulary
    /// How many events there are of each unknown type.
    package private(set) var counts: [String: Int64] = [:]
    /// Neighbours in a file usually have the same type.
    private var last: (type: String, isKnown: Bool)?

    package init(_ vocabulary: EventVocabulary) {
        self.vocabulary = vocabulary
    }

    /// Counts an event, unless its type is known.
    ///
    /// - Returns: whether the type is known.
    @discardableResult
    package mutating func note(_ type: String) -> Bool {
        if last?.type != type { last = (type, vocabulary.knows(type)) }
        guard let last, !last.isKnown else { return true }
        // A name that is made anew for each event must not fill the memory.
        let name = counts[type] == nil && counts.count >= Self.kept ? Self.others : type
        counts[name, default: 0] += 1
        return false
    }

    /// Most frequent first.
    private var sorted: [(type: String, count: Int64)] {
        counts.map { (type: $0.key, count: $0.value) }.sorted { ($1.count, $0.type) < ($0.count, $1.type) }
    }

    var fields: OutputValue { .object(members: sorted.map { ($0.type, .integer($0.count)) }) }

    /// What to tell people; empty if all types are known.
    package var text: String {
        guard !counts.isEmpty else { return "" }
        let all = sorted
        var lines = ["no event or projection of this app has these types:"]
        for (type, count) in all.prefix(Self.shown) {
            let hint = vocabulary.nearest(to: type).map { "; the nearest that it knows is \"\($0)\"" } ?? ""
            let name = Table.onOneLine(type)
            lines.append("  \"\(name)\": \(Table.grouped(count)) \(count == 1 ? "event" : "events")\(hint)")
        }
        if all.count > Self.shown { lines.append("  and \(all.count - Self.shown) more") }
        return "\n" + lines.joined(separator: "\n")
    }
}
