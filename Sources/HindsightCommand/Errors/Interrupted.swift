/// A command that a signal ended before it had done its work.
struct Interrupted: Error {
    /// The number of the signal.
    let signal: Int32
}
