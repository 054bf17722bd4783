import HindsightValues
import Metrics

/// The metrics of a node of the event centre, for the system that the program has chosen (swift-metrics). None is recorded while
/// nobody asks for anything.
struct CentreMetrics: Sendable {
    /// What is asked for.
    enum Kind: String, Sendable {
        case command
        case done
        case state
        case query
    }

    private let prefix: String
    private let givenUp: Counter
    private let ended: Counter
    private let withdrawn: Counter

    /// - Parameter prefix: what the centre's subjects begin with.
    init(_ prefix: String) {
        self.prefix = prefix
        givenUp = Counter(label: "hindsight_centre_handlers_given_up", dimensions: [("centre", prefix)])
        ended = Counter(
            label: "hindsight_centre_abandoned_commands", dimensions: [("centre", prefix), ("outcome", "ended")])
        withdrawn = Counter(
            label: "hindsight_centre_abandoned_commands", dimensions: [("centre", prefix), ("outcome", "open")])
    }

    /// A request was answered.
    ///
    /// - Parameter outcome: `answered`, or the code of an error.
    func answered(_ kind: Kind, _ outcome: String, since start: ContinuousClock.Instant) {
        let dimensions = [("centre", prefix), ("kind", kind.rawValue)]
        Counter(label: "hindsight_centre_requests", dimensions: dimensions + [("outcome", outcome)]).increment()
        Timer(label: "hindsight_centre_request_time", dimensions: dimensions).record(duration: .now - start)
    }

    /// Requests were dropped, because too many waited.
    func dropped(_ kind: Kind, _ count: Int) {
        Counter(
            label: "hindsight_centre_requests_dropped", dimensions: [("centre", prefix), ("kind", kind.rawValue)]
        ).increment(by: count)
    }

    /// This node has stored a receipt.
    ///
    /// - Parameter name: the command's name, or the task's that is done.
    func receipted(_ name: String, _ status: CommandReceipt.Status) {
        Counter(
            label: "hindsight_centre_receipts",
            dimensions: [("centre", prefix), ("name", name), ("status", status.rawValue)]
        ).increment()
    }

    /// An event of a task was given to whoever has subscribed.
    ///
    /// - Parameter isFirst: false if that is done anew.
    func given(_ task: String, isFirst: Bool) {
        Counter(
            label: isFirst ? "hindsight_centre_task_events" : "hindsight_centre_task_repetitions",
            dimensions: [("centre", prefix), ("task", task)]
        ).increment()
    }

    /// A handler took too long.
    func handlerGivenUp() { givenUp.increment() }

    /// A command whose node has died was taken up.
    func tookUp(isEnded: Bool) { (isEnded ? ended : withdrawn).increment() }
}
