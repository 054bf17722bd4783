/// Something about a database, a log or an engine that somebody should know, and what to do about it.
public struct HealthFinding: Hashable, Sendable {
    /// How bad it is.
    public enum Severity: String, Hashable, Sendable, CaseIterable, Comparable {
        /// Good to know; nothing has to be done.
        case note
        /// Something does not work as it should, or will not for long.
        case warning
        /// Events or views are lost, wrong or out of reach, or will be after a crash.
        case danger

        private var rank: Int {
            switch self {
            case .note: 0
            case .warning: 1
            case .danger: 2
            }
        }

        /// From a note to a danger.
        public static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }
    }

    /// A fact.
    public struct Evidence: Hashable, Sendable {
        /// What it is about, in a word or two.
        public var name: String
        /// The fact.
        public var text: String

        /// A fact.
        public init(name: String, text: String) {
            self.name = name
            self.text = text
        }
    }

    /// How bad it is.
    public var severity: Severity
    /// What was found, in a sentence.
    public var sentence: String
    /// The facts behind it.
    public var evidence: [Evidence]
    /// What to do: a command of the app, or a statement; nil if there is nothing to do.
    public var remedy: String?

    /// A finding.
    ///
    /// - Parameters:
    ///   - severity: how bad it is.
    ///   - sentence: what was found, in a sentence.
    ///   - evidence: the facts behind it, each with its name. Defaults to none.
    ///   - remedy: what to do; nil if there is nothing to do.
    public init(
        _ severity: Severity, _ sentence: String, evidence: KeyValuePairs<String, String> = [:], remedy: String?
    ) {
        self.severity = severity
        self.sentence = sentence
        self.evidence = evidence.map { Evidence(name: $0.key, text: $0.value) }
        self.remedy = remedy
    }
}
