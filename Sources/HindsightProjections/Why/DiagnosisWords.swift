import HindsightLog
import HindsightValues

/// The sentence and the evidence of a diagnosis.
struct DiagnosisWords {
    private let seen: ProjectionObservations
    private let cause: ProjectionDiagnosis.Cause

    init(_ seen: ProjectionObservations, _ cause: ProjectionDiagnosis.Cause) {
        self.seen = seen
        self.cause = cause
    }

    private var offset: Int64 { seen.shard?.offset ?? 0 }
    private var waiting: String {
        seen.lag.isExact && seen.lag.events == 1 ? "1 event waits" : "\(seen.lag) events wait"
    }

    var sentence: String { "\(seen.name) \(predicate)." }

    private var predicate: String {
        switch cause {
        case .unreachable: "cannot be asked about"
        case .notStarted: "was never started: no process that declares version \(seen.version) has run"
        case .logChanged(let reason): "does not belong to this log: \(reason)"
        case .replaced(let version):
            version.map {
                "shows version \($0), and version \(seen.version), which this program declares, was replaced"
            }
                ?? "shows nothing, and version \(seen.version), which this program declares, was replaced"
        case .stopped(0, _, let error): "has stopped before its first event: \(error)"
        case .stopped(let position, _, let error): "has stopped at position \(position): \(error)"
        case .paused(let pause): "is \(pause.description)"
        case .filling(let rebuild):
            "is filled anew: \(rebuild.phase.rawValue), at position \(rebuild.reached) of \(max(rebuild.goal, rebuild.reached))"
        case .blocked(let blockers): "is blocked by a lock of \(Self.list(blockers))"
        case .retrying(let error): "meets an error, and tries again: \(error)"
        case .hanging(let owner, let seconds):
            "hangs: \(owner.node) has its lease and has not got on for \(Self.time(seconds)), although \(waiting)"
        case .notRunning(let last): notRunning(last)
        case .catchingUp(let seconds): catchingUp(seconds)
        case .waitsForAppend(let holder): "waits for an append in flight: \(Self.text(holder))"
        case .notShown(let shown, let readers): notShown(shown, readers)
        case .parked(let parked):
            """
            has everything up to position \(offset), but for \(parked.keys) parked \
            \(parked.keys == 1 ? "key, whose row lacks" : "keys, whose rows lack") \(parked.events) \
            \(parked.events == 1 ? "event" : "events")
            """
        case .caughtUp(let isRunning):
            "has everything up to position \(offset)\(isRunning ? "" : ", and no process keeps it up to date at the moment")"
        }
    }

    private func notRunning(_ last: ProjectionDiagnosis.Owner?) -> String {
        guard let last else { return "is not run by any process, and \(waiting)" }
        let how =
            last.isConnected
            ? "has not renewed its lease for longer than it lasts: it hangs"
            : "is gone without having given its lease back"
        return "is not run by any process, and \(waiting): \(last.node) \(how)"
    }

    private func catchingUp(_ seconds: Double?) -> String {
        let rate = seen.shard.map { Int64($0.rate.rounded()) } ?? 0
        let pace = rate > 0 ? " at \(rate) a second" : ""
        let rest = seconds.map { seen.lag.isExact ? ", about \(Self.time($0))" : ", more than \(Self.time($0))" } ?? ""
        return "catches up: \(waiting)\(pace)\(rest)"
    }

    private func notShown(_ shown: Int?, _ readers: [HoldingTransaction]) -> String {
        let what = shown.map { "version \($0) is still shown" } ?? "nothing is shown yet"
        let why =
            readers.isEmpty ? "the process that runs it shows it shortly" : "it waits for \(Self.list(readers)) to end"
        return "has everything in version \(seen.version), but \(what): \(why)"
    }

    // MARK: - Evidence

    var evidence: [ProjectionDiagnosis.Evidence] {
        var facts: [(String, String)] = [("version", "\(seen.version)")]
        if let shown = seen.shownVersion, shown != seen.version { facts.append(("shown", "version \(shown)")) }
        if let shard = seen.shard {
            facts.append(("offset", "position \(shard.offset) of \(max(seen.head, shard.offset))"))
            facts.append(("waiting", waitingFact))
            if let event = seen.lastEvent { facts.append(("last event", Self.text(event))) }
            facts.append(("moved", "\(Self.time(shard.idleSeconds)) ago"))
            facts.append(("process", shard.owner.map { text($0, isHeld: shard.isHeld) } ?? "none"))
            if seen.parked.keys > 0 {
                facts.append(("parked", "\(seen.parked.keys) keys, \(seen.parked.events) events"))
            }
            if let error = shard.error { facts.append(("error", error)) }
        }
        if let event = seen.stoppedEvent {
            facts.append(("event", Self.text(event)))
            facts.append(("data", Self.abridged(event.data)))
        }
        for blocker in seen.blockers { facts.append(("blocker", Self.details(blocker))) }
        if let holder = seen.holder { facts.append(("append", Self.details(holder))) }
        for reader in seen.readers { facts.append(("reader", Self.details(reader))) }
        return facts.map { ProjectionDiagnosis.Evidence(name: $0, text: $1) }
    }

    private var waitingFact: String {
        guard seen.lag.events > 0 else { return "nothing" }
        let events = seen.lag.isExact && seen.lag.events == 1 ? "1 event" : "\(seen.lag) events"
        return "\(events), the oldest for \(Self.time(seen.lag.seconds))"
    }

    private func text(_ owner: ProjectionDiagnosis.Owner, isHeld: Bool) -> String {
        let connection = owner.processID.map { "connection \($0)\(owner.isConnected ? "" : ", which is gone")" }
        let lease =
            owner.leaseSeconds >= 0
            ? "lease for \(Self.time(owner.leaseSeconds))" : "lease ran out \(Self.time(-owner.leaseSeconds)) ago"
        return ([owner.node] + [connection, lease].compactMap { $0 }).joined(separator: ", ")
    }

    // MARK: - Texts

    private static func list(_ holders: [HoldingTransaction]) -> String {
        let some = holders.prefix(3).map(text).joined(separator: "; ")
        return holders.count > 3 ? "\(some); and \(holders.count - 3) more" : some
    }

    /// Who, and for how long.
    private static func text(_ holder: HoldingTransaction) -> String {
        let open = holder.seconds.map { ", open for \(time($0))" } ?? ""
        if let name = holder.preparedName { return "the prepared transaction '\(name)'\(open)" }
        guard let process = holder.processID else { return "a prepared transaction\(open)" }
        let known = [holder.role.map { "role \($0)" }, holder.application, holder.state].compactMap { $0 }
        return "process \(process)\(known.isEmpty ? "" : " (\(known.joined(separator: ", ")))")\(open)"
    }

    /// The same with the statement.
    private static func details(_ holder: HoldingTransaction) -> String {
        let query = holder.isHidden ? "its statement is hidden from this role" : holder.query.map { onOneLine($0, 200) }
        return [text(holder), query].compactMap { $0 }.joined(separator: ": ")
    }

    private static func text(_ event: RecordedEvent) -> String {
        "\(event.type) at position \(event.position), version \(event.version) of \(event.stream.rawValue), recorded \(event.recordedAt)"
    }

    private static func abridged(_ data: [UInt8]) -> String { onOneLine(String(decoding: data, as: UTF8.self), 400) }

    private static func onOneLine(_ text: String, _ limit: Int) -> String {
        let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return line.count > limit ? "\(line.prefix(limit)) …" : line
    }

    private static func time(_ seconds: Double) -> String { seconds.ageText }
}
