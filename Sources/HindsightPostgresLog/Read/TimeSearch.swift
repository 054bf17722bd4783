import HindsightPostgres
import HindsightValues

/// Finds a recorded time by binary search over positions, which have an index.
struct TimeSearch {
    let names: SchemaNames
    /// The highest position to consider.
    let head: Int64

    /// How far recorded times may go back from one position to the next: each append draws its positions first and
    /// takes its time afterwards.
    static let longestAppend: Duration = .seconds(10)

    /// A position up to which all events are older than a time, provided that times grow with positions.
    func last(before time: Timestamp, in session: inout PostgresSession) throws -> Int64 {
        var (low, high): (Int64, Int64) = (0, head)
        while low < high {
            let middle = low + (high - low + 1) / 2
            let found = try session.query(
                """
                select position, recorded_at from \(identifier: names.events)
                where position > \(low) and position <= \(middle) order by position desc limit 1
                """
            ).first
            if let found, try found.decode(1, as: NearestTimestamp.self).value >= time {
                high = try found.decode(0, as: Int64.self) - 1
            } else {
                // Older, or only holes.
                low = middle
            }
        }
        return low
    }

    /// The first event of a range that is recent enough.
    func first(
        at time: Timestamp, above low: Int64, through high: Int64, in session: inout PostgresSession
    ) throws -> Int64? {
        try session.query(
            """
            select position from \(identifier: names.events)
            where position > \(low) and position <= \(high) and recorded_at >= \(time) order by position limit 1
            """
        ).first?.decode(0)
    }
}
