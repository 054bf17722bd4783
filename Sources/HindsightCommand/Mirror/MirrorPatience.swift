/// For how long a mirror waits for servers that do not answer.
struct MirrorPatience: Sendable {
    /// Nil for no limit.
    let limit: Duration?
    /// Where the log is that is copied, for messages.
    let source: String
    /// Where the copy is.
    let target: String

    /// - Parameters:
    ///   - duration: for how long it has got no further.
    ///   - error: why.
    ///   - isReading: whether that happened while it read.
    /// - Throws: ``CommandError`` when the time is up.
    func check(_ duration: Duration, _ error: any Error, whileReading isReading: Bool) throws(CommandError) {
        guard let limit, duration >= limit else { return }
        throw CommandError(
            "\(isReading ? source : target) has not answered for \(limit), so the mirror has ended: \(error). The same command goes on behind the last event that was copied; --patience has it wait longer"
        )
    }
}
