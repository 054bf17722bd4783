import Hindsight
import HindsightPostgres
import Testing

/// One row that says how many deposits were folded: a function of the position, so that a reading can be checked.
struct Meter: ViewRow, Hashable {
    var id = ""
    var count = 0
    var last: Int64 = 0

    static let table = ViewTable("meter", of: Self(), key: \.id, \.count, \.last)

    /// - Parameter hook: called before each deposit is folded.
    static func projection(
        version: Int = 1, before hook: @escaping @Sendable (RecordedEvent) throws -> Void = { _ in }
    ) -> ViewProjection<Meter> {
        ViewProjection(Meter.self, version: version)
            .onOptional(Bank.Deposited.self, key: { _, _ in "all" }) { row, _, context in
                try hook(context)
                var meter = row ?? Meter(id: "all")
                meter.count += 1
                meter.last = context.position
                row = meter
            }
    }

    /// What was read, and what it says it reflects.
    struct Sample: Hashable, Sendable {
        var position: Int64
        var count: Int
    }

    /// Every sample has the deposits up to its position, and no other.
    static func expectTrue(
        _ samples: some Sequence<Sample>, in bank: Bank, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let positions = try await bank.views.withSession { session in
            try session.query("select position from hindsight.events where type = 'Deposited' order by position")
                .map { try $0.decode(0, as: Int64.self) }
        }
        for sample in Set(samples) {
            let wanted = positions.partitioningIndex { $0 > sample.position }
            #expect(sample.count == wanted, "at \(sample.position)", sourceLocation: sourceLocation)
        }
    }
}

extension Array {
    /// The first index for which a condition holds that holds from there on.
    fileprivate func partitioningIndex(_ condition: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if condition(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
