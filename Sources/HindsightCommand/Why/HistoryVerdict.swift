import Hindsight

/// What the history of a row comes to, in sentences and as JSON.
struct HistoryVerdict {
    private let explanation: RowExplanation
    private let app: String
    private let columns: [ViewShape.Column]

    init(_ explanation: RowExplanation, app: String, columns: [ViewShape.Column]) {
        self.explanation = explanation
        self.app = app
        self.columns = columns
    }

    /// The sentences, each on a line of its own.
    var lines: [String] {
        let count = explanation.stepCount
        let events = count == 1 ? "1 event" : "\(Table.grouped(Int64(count))) events"
        let row = explanation.row == nil ? "has no row" : "is this row"
        var lines = [
            "\(name) (version \(explanation.version)) \(row) after \(events) up to position \(explanation.position)."
        ]
        if let failure = explanation.failure {
            lines.append(
                "The explanation ends before position \(failure.event.position), whose event cannot be applied.")
        }
        lines.append(comparison)
        if let stop = explanation.stop {
            lines.append("The projection has stopped \(stop.hasPrefix("at ") ? "" : "before its first event: ")\(stop)")
        }
        return lines
    }

    private var name: String { "\(explanation.name) \(explanation.key.joined(separator: ", "))" }

    private var comparison: String {
        switch explanation.comparison {
        case .same: explanation.row == nil ? "None is stored either." : "It is the row that is stored."
        case .differs(let stored):
            """
            \(difference(stored)). These folds did not make that of these events: older code did, or somebody changed the \
            row by hand. To have it folded anew: `\(remedy)`
            """
        case .notCompared(let reason): sentence(reason)
        }
    }

    private func difference(_ stored: [String?]?) -> String {
        guard let stored else { return "But no row is stored" }
        guard let row = explanation.row else { return "But a row is stored: \(list(stored, Array(columns.indices)))" }
        let differing = row.indices.filter { row[$0] != stored[$0] }
        return "But the stored row has \(list(stored, differing))"
    }

    private func list(_ row: [String?], _ indexes: [Int]) -> String {
        indexes.map { "\(columns[$0].name) \(EventText.value(row[$0]))" }.joined(separator: ", ")
    }

    private func sentence(_ reason: RowExplanation.Reason) -> String {
        switch reason {
        case .notShown: "It is not compared: no version of the view is shown yet. `\(app) run` fills it."
        case .otherVersion(let version):
            "It is not compared: the view shows version \(version), which this program does not declare."
        case .otherPosition(let position): "It is not compared: the view stands at position \(position)."
        case .changedMeanwhile: "It is not compared: the view was set back or replaced meanwhile. Ask again."
        }
    }

    /// The command that folds the row anew.
    private var remedy: String {
        let keys = explanation.key.map { "--key \(Self.quoted($0))" }.joined(separator: " ")
        return "\(app) projections rebuild \(explanation.name) \(keys)"
    }

    /// A text as a word for a shell.
    private static func quoted(_ text: String) -> String {
        let isPlain =
            !text.isEmpty
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte | 32)
                    || [0x2d, 0x2e, 0x3a, 0x5f].contains(byte)
            }
        return isPlain ? text : "'\(text.replacing("'", with: "'\\''"))'"
    }

    /// The members that follow the steps.
    var fields: OutputValue {
        let (word, stored): (String, OutputValue) =
            switch explanation.comparison {
            case .same: ("same", json(explanation.row))
            case .differs(let stored): ("differs", json(stored))
            case .notCompared: ("not compared", .null)
            }
        let failure = explanation.failure.map {
            OutputValue.object(members: EventText.fields($0.event) + [("error", .string($0.error))])
        }
        var note: String?
        if case .notCompared(let reason) = explanation.comparison { note = sentence(reason) }
        var isDifferent = false
        if case .differs = explanation.comparison { isDifferent = true }
        return .object([
            "step_count": OutputValue(explanation.stepCount), "version": OutputValue(explanation.version),
            "position": .integer(explanation.position), "row": json(explanation.row),
            "comparison": .string(word), "stored": stored, "note": OutputValue(note),
            "failure": failure ?? .null, "stop": OutputValue(explanation.stop),
            "remedy": isDifferent ? .string(remedy) : .null,
        ])
    }

    private func json(_ row: [String?]?) -> OutputValue { row.map { ViewRows.json($0, columns) } ?? .null }
}
