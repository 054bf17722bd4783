/// Thrown when a signal ended a command before it completed its work.
struct Interrupted: Error {
    /// The number of the signal.
    let signal: Int32
}
