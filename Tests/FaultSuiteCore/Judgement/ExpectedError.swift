/// A warning or an error that the logs may hold, and why.
///
/// Whatever is logged at one of these levels and is not on the list fails the run.
package struct ExpectedError: Sendable {
    /// The constant message.
    let message: String
    /// What the metadata `error.message` says; empty: whatever it says.
    let causes: [ExpectedCause]
    /// Which fault it comes from, and why it is no defect.
    let reason: String

    private func matches(_ line: NodeLogLine) -> Bool {
        guard line.message == message else { return false }
        let error = line.metadata["error.message"] ?? ""
        return causes.isEmpty || causes.contains { $0.matches(error) }
    }

    /// True if a line is one of trouble that is not on the list.
    package static func isUnexpected(_ line: NodeLogLine) -> Bool {
        line.isTrouble && !all.contains { $0.matches(line) }
    }

    /// What a transaction that is repeated may have ended with.
    private static let ofTransactions = ExpectedCause.ofServer + ExpectedCause.ofConnections + [.idleTransaction]

    static let all = [
        ExpectedError(
            message: "leases lost, trying again", causes: ExpectedCause.ofServer + ExpectedCause.ofConnections,
            reason: "the connection that holds the leases is cut, terminated, or gone with the server"),
        ExpectedError(
            message: "batch failed, trying again", causes: ofTransactions,
            reason: "the transaction of a batch is rolled back by a fault and applied anew"),
        ExpectedError(
            message: "projection's statements failed, trying again", causes: ofTransactions,
            reason: "the transaction of a handler is rolled back by a fault and applied anew"),
        ExpectedError(
            message: "keys in flight failed, handling them one after the other", causes: ofTransactions,
            reason: "the transaction of a lane is rolled back by a fault"),
        ExpectedError(
            message: "keys in flight may have been committed, taking the lease anew", causes: ofTransactions,
            reason: "the connection of a lane is lost, and what was sent by it may yet commit"),
        ExpectedError(
            message: "the log cannot be read, lease given back",
            causes: ExpectedCause.ofServer + ExpectedCause.ofConnections + [.drained],
            reason: "a lease was taken at the moment of a fault, or of SIGTERM, and the log could not be asked"),
        ExpectedError(
            message: "the process that worked on a projection has died; it is folded with care for a while", causes: [],
            reason: "nodes are killed, and sessions end"),
        ExpectedError(
            message: "rebuild interrupted, going on from its checkpoint", causes: ofTransactions,
            reason: "a rebuild loses its connections like everybody"),
        ExpectedError(
            message: "rebuild's lease is lost or its statements fail, following or taking it up again",
            causes: ofTransactions,
            reason: "the connection that holds a rebuild's lease is cut"),
        ExpectedError(
            message: "projection stopped", causes: [.refusal],
            reason: "the broken build cannot fold the events that the mended one can"),
        ExpectedError(
            message: "projection is stopped, and this build does not try it again by itself", causes: [.refusal],
            reason: "a node of the broken build starts while the projection waits for the mended one"),
    ]
}
