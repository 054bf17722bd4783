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

    var id = ""
    var events = 0
    var sum = 0

    static let table = ViewTable("tally", of: Self(), key: \.id, \.events, \.sum)

    /// Traps where the sum is more than an `Int`.
    static let fragile = ViewProjection(Self.self, version: 1)
        .onOptional(Counted.self, key: { $1.stream.id }) { row, event, context in
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
