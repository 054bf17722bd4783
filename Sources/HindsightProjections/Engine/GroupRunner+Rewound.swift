import HindsightLog
import HindsightPostgres
import Logging

/// Handling of a log that was rewound while projections were fed from it.
extension GroupRunner {
    /// Stops the members whose offset no longer fits the log; the others continue.
    func stopRewound(_ group: inout ProjectionGroup) async {
        for member in group.members where !member.isLost {
            do {
                try await log.verify(member.offset)
            } catch let error where error.isAnchorMismatch {
                await stop(member, "\(error)")
                member.markLost()
            } catch {
                // The next read finds out what is wrong.
                logger.debug("anchor not verified", metadata: ["error.message": "\(error)"])
            }
        }
        letGo(of: group.removeLost())
    }

    /// Stops a member where it stands, at no event in particular.
    func stop(_ member: ProjectionMember, _ error: String) async {
        member.metrics.stopped()
        logger.log(
            level: stopLevel, "projection stopped",
            metadata: ["projection.name": "\(member.definition.name)", "error.message": "\(error)"])
        // The stored place: one beyond it would be taken for that of an event.
        let statement = catalog.store.stop(member.key, epoch: member.epoch, at: member.committed, error: error)
        do {
            try await applier.pool.withSession { session in _ = try session.query(statement) }
        } catch {
            // The next owner of the lease finds the same.
            logger.debug("stop not stored", metadata: ["error.message": "\(error)"])
        }
    }
}

extension Error {
    /// True for the errors that a reader gets when its offset does not fit the log.
    var isAnchorMismatch: Bool { (self as? EventLogError)?.code == .anchorMismatch }
}
