import Hindsight

/// How far a mirror goes.
struct MirrorEnd: Hashable, Sendable {
    /// The place of its last event in the log that it comes from.
    var reached: Offset
    /// How many events it has.
    var events: Int64
}
