import HindsightPostgres

extension OffsetStore {
    /// The answer to giving a shard up.
    struct GivenUp: Sendable {
        enum Status: String, Sendable {
            case givenUp = "given up"
            /// It has stopped at its one event.
            case stopped
            /// Its transaction has the row locked, and was ended. Ask again.
            case blocked
            /// Somebody else has it by now.
            case lost
        }

        let status: Status
        /// True if the database was at work on the batch, and not the program.
        let isBusy: Bool
        /// The server processes with its open transactions, which this role may not end.
        let unended: [Int32]
    }

    /// Takes a shard whose batch does not end from this node, and notes how its next batch is to be folded.
    func giveUp(_ shard: OverdueBatches.Shard, why: String, in session: inout PostgresSession) throws -> GivenUp {
        let (member, events) = (shard.member, shard.events)
        let row = try session.query(
            """
            select g.status, g.busy, coalesce(g.blockers, '{}') from \(sql: call("give_up_shard", """
                \(sql: row(member.key)), \(member.epoch), \(events?.positions.lowerBound), \(events?.positions.upperBound), \
                \(events.map { Int32(truncatingIfNeeded: $0.count) }), \(shard.isAlone), \(shard.event), \(why), \(shard.isBusy)
                """)) g
            """)[0]
        guard let status = GivenUp.Status(rawValue: try row.decode(0)) else {
            throw ProjectionError(
                .tableChanged, "give_up_shard() gave an answer that this program does not know: it is too old")
        }
        return GivenUp(
            status: status, isBusy: try row.decode(1), unended: try row.decode(2, as: [Int32].self))
    }
}
