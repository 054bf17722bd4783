/// Thrown when a signal ended a command before it completed its work.
struct Interrupted: Error {
    /// The number of the signal.
    let signal: Int32
    /// What to tell the user: how far it came, and how to go on; nil if there is nothing to tell.
    var message: String?
}
