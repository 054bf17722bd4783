/// What was found by looking at a database, a log or an engine, and what could not be looked at.
public struct HealthReport: Hashable, Sendable {
    /// What was found, the worst first; each finding once.
    public private(set) var findings: [HealthFinding] = []
    /// What could not be looked at, and why: for example what the role may not see.
    public private(set) var unseen: [String] = []

    /// A report in which nothing was found.
    public init() {}

    /// A report of these findings.
    public init(_ findings: [HealthFinding], unseen: [String] = []) {
        for finding in findings { add(finding) }
        for text in unseen { addUnseen(text) }
    }

    /// The severity of the worst finding; nil if nothing was found.
    public var worst: HealthFinding.Severity? { findings.first?.severity }

    /// Adds a finding, unless it is there.
    public mutating func add(_ finding: HealthFinding) {
        guard !findings.contains(finding) else { return }
        let place = findings.firstIndex { $0.severity < finding.severity } ?? findings.endIndex
        findings.insert(finding, at: place)
    }

    /// Adds that something could not be looked at, unless that is known.
    public mutating func addUnseen(_ text: String) {
        if !unseen.contains(text) { unseen.append(text) }
    }

    /// Adds what another report has.
    public mutating func add(_ other: HealthReport) {
        for finding in other.findings { add(finding) }
        for text in other.unseen { addUnseen(text) }
    }
}
