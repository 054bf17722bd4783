/// A clock that stands still while the server does not answer: who waits for the server then does not stand still by its own fault.
package struct ServedTime: Sendable {
    /// How long a look, or the pause before it, may take. What is beyond that is a server or a machine that stands still.
    private static let patience = Duration.milliseconds(250)

    /// What this clock says.
    private(set) package var now: ContinuousClock.Instant
    private var lastAnswer: ContinuousClock.Instant?

    package init(at start: ContinuousClock.Instant) {
        now = start
    }

    /// Notes a look at the server, and whether it was answered.
    package mutating func note(
        _ isAnswered: Bool, from begin: ContinuousClock.Instant, to end: ContinuousClock.Instant
    ) {
        guard isAnswered else {
            lastAnswer = nil
            return
        }
        // What passed since a look that was not answered is not counted: the server was away for some of it.
        if let lastAnswer { now += min(begin - lastAnswer, Self.patience) }
        now += min(end - begin, Self.patience)
        lastAnswer = end
    }
}
