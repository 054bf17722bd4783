public import HindsightLog

/// Something that has to be done for each event of some types, by a program other than the centre: the event is given to
/// whoever has subscribed to the task, again and again, until it is handed in that it is done.
///
/// ```swift
/// let tasks = [EventTask("ship", on: OrderPlaced.self)]
/// ```
///
/// Events of one stream are given in order, each after the one before is done; those of other streams meanwhile.
public struct EventTask: Sendable {
    /// The task's name, 1 to 128 ASCII letters, digits, `-` and `_`.
    public let name: String
    /// The names of the types of its events.
    public let types: Set<String>
    /// Where a task begins that the centre has not distributed before. Defaults to `now`: with the first event after the
    /// first node that knows the task has started.
    public var start = SubscriptionOptions.Start.now
    /// How many events may be out at once, all of different streams, 1 or more. Defaults to `16`.
    public var eventsInFlight = 16
    /// After how long an event is given again that is not done. Defaults to 30 seconds.
    public var redeliveryInterval = Duration.seconds(30)
    /// How long the centre waits while nobody subscribes to the task before it looks again. Defaults to 1 second.
    public var absenceInterval = Duration.seconds(1)

    /// A task for events of some types. A name that cannot be one is a programming error and traps.
    public init<each E: Event>(_ name: String, on types: repeat (each E).Type) {
        var names: Set<String> = []
        for type in repeat each types { names.insert(type.eventType) }
        self.init(name, types: names)
    }

    /// A task for events of types with these names. A name that cannot be one is a programming error and traps.
    public init(_ name: String, types: Set<String>) {
        precondition(
            CommandName.isUsable(name), "\"\(name)\" is no name of a task: it has 1 to 128 letters, digits, - and _")
        precondition(!types.isEmpty, "the task \(name) is for events of at least one type")
        self.name = name
        self.types = types
    }
}
