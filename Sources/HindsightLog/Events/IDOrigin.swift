import Synchronization

/// Which of the ids that this process has made for events an id is, if it is one of them.
///
/// It proves without any clock that an event is new: what somebody had found in a log before the id was made cannot hold it. It is no part
/// of the event, so all of them are equal.
package struct IDOrigin: Hashable, Sendable {
    private static let made = Atomic<UInt64>(0)

    /// The number of the id that was made last; 0 if none was.
    package static var latest: UInt64 { made.load(ordering: .sequentiallyConsistent) }

    /// Of an id that came from elsewhere, or may have.
    package static let unknown = IDOrigin(number: 0)

    /// Of an id that is being made.
    package static func new() -> IDOrigin {
        IDOrigin(number: made.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue)
    }

    /// Its number among the ids that this process has made, from 1; 0 if it is not known to be one of them.
    package let number: UInt64

    private init(number: UInt64) {
        self.number = number
    }

    /// True.
    package static func == (left: IDOrigin, right: IDOrigin) -> Bool { true }

    /// Adds nothing.
    package func hash(into hasher: inout Hasher) {}
}
