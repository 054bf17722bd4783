import HindsightLog
import HindsightPostgres

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Which row of the offsets a reader owns, and the statements on it.
struct OffsetKey: Hashable, Sendable {
    enum Kind: String, Sendable {
        /// What the engine keeps up to date for a projection's version.
        case projection
        case subscription
        /// A table that a rebuild fills.
        case rebuild
        /// A table that a rebuild of the same version has replaced, kept up to date for a way back.
        case kept
    }

    let kind: Kind
    let name: String
    let version: Int
    let partition: Int
    let log: UUID

    /// The row as the five leading arguments of the lease functions.
    private var arguments: SQL {
        "\(kind.rawValue), \(name), \(Int32(version)), \(Int32(partition)), \(log)"
    }

    /// The row as a condition.
    var condition: SQL {
        """
        kind = \(kind.rawValue) and name = \(name) and version = \(Int32(version)) and partition = \(Int32(partition)) \
        and log = \(log)
        """
    }

    /// Makes the row if it is not there.
    func creation(_ names: SchemaNames) -> SQL {
        """
        insert into \(identifier: names.offsets) (kind, name, version, partition, log)
        values (\(sql: arguments)) on conflict do nothing
        """
    }

    /// Takes the lease: its epoch, or null while somebody else has it.
    func takeLease(_ names: SchemaNames, owner: String, duration: Duration) -> SQL {
        "select \(identifier: names.object("take_lease"))(\(sql: arguments), \(owner), \(sql: Self.interval(duration)))"
    }

    /// Keeps the lease: false if it is somebody else's by now.
    func renewLease(_ names: SchemaNames, epoch: Int64, duration: Duration) -> SQL {
        "select \(identifier: names.object("renew_lease"))(\(sql: arguments), \(epoch), \(sql: Self.interval(duration)))"
    }

    /// Gives the lease back.
    func releaseLease(_ names: SchemaNames, epoch: Int64) -> SQL {
        "select \(identifier: names.object("release_lease"))(\(sql: arguments), \(epoch))"
    }

    /// Moves the offset, if lease and offset are still what they were; raises `HS001` otherwise.
    func advance(
        _ names: SchemaNames, epoch: Int64, from old: Offset, to new: Offset, applied: Int, rate: Double,
        duration: Duration
    ) -> SQL {
        """
        select \(identifier: names.object("advance"))(\(sql: arguments), \(epoch), \(old.position), \(new.position), \
        \(new.anchor), \(Int64(applied)), \(rate), \(sql: Self.interval(duration)))
        """
    }

    /// Notes the event at which the reader stopped, and why. The lease is given back with it.
    func stop(_ names: SchemaNames, epoch: Int64, at event: RecordedEvent, error: String) -> SQL {
        """
        update \(identifier: names.offsets)
        set stopped_at = \(event.position), stopped_event = \(event.id), error = \(error), owner = null, owner_pid = null,
            owner_started_at = null, leased_until = null, events_per_second = 0, updated_at = clock_timestamp()
        where \(sql: condition) and epoch = \(epoch)
        """
    }

    /// Takes the lease from whoever has it: nobody commits by it any more.
    ///
    /// - Parameter epoch: does nothing if the lease is another one by now; nil for any.
    func fence(_ names: SchemaNames, epoch: Int64? = nil) -> SQL {
        let row: SQL = epoch.map { "\(sql: condition) and epoch = \($0)" } ?? condition
        return "update \(identifier: names.offsets) set \(sql: Self.fencing) where \(sql: row)"
    }

    /// Takes the lease likewise, and sets the offset to the beginning.
    func clear(_ names: SchemaNames) -> SQL {
        """
        update \(identifier: names.offsets)
        set position = 0, anchor = null, applied = 0, stopped_at = null, stopped_event = null, error = null,
            updated_at = clock_timestamp(), \(sql: Self.fencing)
        where \(sql: condition)
        """
    }

    private static let fencing: SQL = """
        epoch = epoch + 1, owner = null, owner_pid = null, owner_started_at = null, leased_until = null, events_per_second = 0
        """

    /// True of a row of the offsets while the process that has its lease is there and has renewed it in time.
    static let isHeld: SQL = """
        (owner is not null and leased_until >= clock_timestamp() and exists (
            select from pg_stat_activity a
            where a.pid = owner_pid and coalesce(a.backend_start, owner_started_at) = owner_started_at))
        """

    /// Position, anchor, epoch, applied, and where it stopped.
    func state(_ names: SchemaNames) -> SQL {
        """
        select position, anchor, epoch, stopped_at, applied from \(identifier: names.offsets) where \(sql: condition)
        """
    }

    private static func interval(_ duration: Duration) -> SQL {
        "make_interval(secs => \(duration.seconds))"
    }
}

extension Duration {
    /// The duration in seconds.
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
