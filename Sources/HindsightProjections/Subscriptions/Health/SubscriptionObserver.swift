import HindsightLog
import HindsightPostgres

/// Looks at the durable subscriptions of a log. It only reads.
struct SubscriptionObserver: Sendable {
    let log: any EventLog
    let pool: PostgresPool
    let catalog: ProjectionCatalog

    /// What the database says of one.
    private struct Stored: Sendable {
        var status: SubscriptionStatus
        let anchor: Offset
        let isHeld: Bool
    }

    /// Those that anybody has ever read, in the order of their names, without those that went over to a copy of the log.
    func look() async throws -> [SubscriptionStatus] {
        let head = try await log.frontier().position
        var seen: [SubscriptionStatus] = []
        for stored in try await pool.withSession({ try self.stored(head, in: &$0) }) {
            seen.append(try await complete(stored))
        }
        return seen
    }

    private func stored(_ head: Int64, in session: inout PostgresSession) throws -> [Stored] {
        let names = catalog.names
        return try session.query(
            """
            select o.name, o.position, o.anchor, o.applied, \(identifier: names.object("is_held"))(o), o.owner, o.owner_pid,
                extract(epoch from o.leased_until - clock_timestamp())::double precision, exists (
                    select from pg_stat_get_activity(o.owner_pid) a
                    where coalesce(a.backend_start, o.owner_started_at) = o.owner_started_at),
                extract(epoch from clock_timestamp() - o.updated_at)::double precision, o.filter_kind, o.filter_names, coalesce((
                    select sum(cardinality(h.positions)) from \(identifier: names.object("handled_events")) h
                    where h.list = o.parked_list and h.last_position > o.position), 0)::bigint
            from \(identifier: names.offsets) o where o.kind = 'subscription' and o.log = \(catalog.log)
                and o.stopped_at is null
            order by o.name collate "C"
            """
        ).map { row in
            let offset = Offset(position: try row.decode(1), anchor: try row.decode(2))
            let owner = try row.decode(5, as: String?.self).map { node in
                ProjectionDiagnosis.Owner(
                    node: node, processID: try row.decode(6), isConnected: try row.decode(8),
                    leaseSeconds: try row.decode(7, as: Double?.self) ?? 0)
            }
            let status = SubscriptionStatus(
                name: try row.decode(0), state: .unread, owner: owner,
                filter: catalog.store.filter(kind: try row.decode(10), names: try row.decode(11)),
                offset: offset.position, head: head, handled: try row.decode(3), handledBeyond: try row.decode(12),
                idleSeconds: max(0, try row.decode(9)))
            return Stored(status: status, anchor: offset, isHeld: try row.decode(4))
        }
    }

    private func complete(_ stored: Stored) async throws -> SubscriptionStatus {
        var status = stored.status
        do {
            try await log.verify(stored.anchor)
        } catch let error where error.isAnchorMismatch {
            status.state = .mismatched
            status.mismatch = "\(error)"
            return status
        }
        status.lag = try await log.lag(after: status.offset, through: status.head, filter: status.filter ?? .all)
        status.lag.events = max(0, status.lag.events - status.handledBeyond)
        if status.lag.events == 0 { status.lag.seconds = 0 }
        if stored.isHeld {
            status.state = status.lag.events > 0 ? .behind : .live
        } else if status.owner?.isConnected == true {
            status.state = .hanging
        }
        return status
    }
}
