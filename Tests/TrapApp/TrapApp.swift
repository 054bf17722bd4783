import Hindsight
import HindsightCommand

/// An app with a fold that traps, which no test could run in its own process.
@main
struct TrapApp: HindsightApplication {
    static let name = "trap-app"

    static let events = {
        var events = EventRegistry()
        events.register(Counted.self)
        events.registerPoints()
        return events
    }()

    static let projections: [any Projection] = [Tally.fragile, Tally.sturdy]
}

struct Counted: Event {
    var number: Int
}

/// A sum for each stream.
struct Tally: ViewRow {
    typealias Key = String

    var id = ""
    var events = 0
    var sum = 0

    static let id = Column<Self, String>("id", get: { $0.id }, set: { $0.id = $1 })
    static let events = Column<Self, Int>("events", get: { $0.events }, set: { $0.events = $1 })
    static let sum = Column<Self, Int>("sum", get: { $0.sum }, set: { $0.sum = $1 })
    static let table = ViewTable(name: "tally", key: id, columns: [events, sum])

    /// Traps where the sum is more than an `Int`.
    static let fragile = ViewProjection(Self.self, version: 1)
        .on(Counted.self, key: { $1.stream.id }) { row, event, context in
            var tally = row ?? Tally(id: context.stream.id)
            tally.events += 1
            tally.sum += event.number
            row = tally
        }

    /// Counts, and adds nothing up.
    static let sturdy = SQLProjection(
        "count", version: 1, setUp: ["create table count (position bigint primary key)"], clear: ["truncate count"]
    )
    .on(Counted.self) { session, _, context in
        try session.execute("insert into count values (\(context.position))")
    }
}
