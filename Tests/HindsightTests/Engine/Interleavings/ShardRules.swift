import Hindsight

/// What holds in every order: watches an order as it runs, and notes what does not.
struct ShardRules: Sendable {
    enum Property: String, Hashable, Sendable {
        /// No position is in a table twice, and none beyond its offset but those that are noted.
        case once
        /// Each position up to a table's offset is in it, and each that is noted.
        case noneLeftOut
        /// Offset, count, sum and mix agree.
        case proven
        /// Who had another epoch committed nothing.
        case ownLease
        case neverEmpty
        case neverBack
        /// What is read is what one batch after the other has written.
        case neverMixed
        /// Something is shown, by one shard.
        case shown
        /// No error but those that an operation may end with.
        case expectedErrors
    }

    struct Violation: Hashable, Sendable, CustomStringConvertible {
        let property: Property
        let text: String

        var description: String { "\(property.rawValue): \(text)" }
    }

    /// Whether an operation goes back or empties rows on purpose.
    let mayGoBack: Bool
    private(set) var violations: [Violation] = []
    private(set) var last: ShardObservation?
    /// How many rows somebody could have read by now.
    private(set) var floor = 0
    /// By operation: what a snapshot, or what it has read before, obliges to.
    private var floors: [Int: Int] = [:]

    init(mayGoBack: Bool) { self.mayGoBack = mayGoBack }

    mutating func note(_ property: Property, _ text: String) {
        violations.append(Violation(property: property, text: text))
    }

    // MARK: - What is committed

    mutating func observe(_ observation: ShardObservation) {
        last = observation
        if observation.rows.count(where: \.isActive) != 1 {
            note(.shown, "\(observation.rows.filter(\.isActive).map(\.shard)) are shown")
        }
        guard let contents = observation.contents else { return }
        for row in observation.rows {
            guard let table = row.table, let content = contents[table] else { continue }
            check(row, table, content)
        }
        guard !mayGoBack, let shown = observation.shown else { return }
        if shown.isEmpty { note(.neverEmpty, "the view shows nothing") }
        if shown.count < floor { note(.neverBack, "the view shows \(shown.count) rows after \(floor)") }
        floor = max(floor, shown.count)
    }

    private mutating func check(_ row: ShardObservation.Row, _ table: String, _ content: [Int64]) {
        let place = "\(row.shard) at \(row.position) has \(content) in \(table)"
        let expected = (row.position > 0 ? Array(1...row.position) : []) + row.handled
        if Set(content).count < content.count || content.contains(where: { !expected.contains($0) }) {
            note(.once, place)
        }
        if !Set(expected).isSubset(of: content) { note(.noneLeftOut, place) }
        var sum = LogChecksum()
        for position in content where position <= row.position { sum.add(position) }
        if row.applied != sum.count || row.summedThrough != row.position || Int128(row.positionSum) != sum.positionSum
            || row.positionMix != sum.positionMix
        {
            note(
                .proven,
                "\(place), applied \(row.applied), sum \(row.positionSum), mix \(row.positionMix), for \(row.summedThrough)"
            )
        }
    }

    // MARK: - What operations do

    /// A step begins: what could be read by now, whoever reads later must see.
    mutating func begin(_ operation: Int, _ step: ShardOperation.Step) {
        switch step.reads {
        case .nothing: break
        case .snapshot, .latest: floors[operation] = max(floor, floors[operation] ?? 0)
        case .bySnapshot: break
        }
    }

    mutating func end(_ operation: Int, _ outcome: ShardOperation.Outcome) {
        switch outcome {
        case .done, .refused: break
        case .read(let rows):
            guard !mayGoBack else { return }
            if rows.isEmpty { note(.neverEmpty, "a reader finds nothing") }
            if rows != Array(1...Int64(max(rows.count, 1))) && !rows.isEmpty {
                note(.neverMixed, "a reader finds \(rows)")
            }
            let least = floors[operation] ?? 0
            if rows.count < least {
                note(.neverBack, "a reader finds \(rows.count) rows, of \(least) that it could find")
            }
            floors[operation] = max(least, rows.count)
        case .advanced(let shard, let epoch):
            // The row is locked since it advanced, so what was seen last holds still.
            if let found = last?.epoch(of: shard), found != epoch {
                note(.ownLease, "\(shard) was advanced with epoch \(epoch), and had \(found)")
            }
        }
    }
}
