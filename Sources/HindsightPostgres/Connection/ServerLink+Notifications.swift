import CLibPQ
import Logging

extension ServerLink {
    /// Passes on the notifications that libpq has read.
    func deliverNotifications() {
        guard let connection else { return }
        while let notify = PQnotifies(connection) {
            listeners.deliver(
                PostgresNotification(
                    channel: String(cString: notify.pointee.relname), payload: String(cString: notify.pointee.extra),
                    processID: notify.pointee.be_pid))
            PQfreemem(notify)
        }
    }

    /// Makes the server send a channel's notifications.
    func listen(on channel: String) throws {
        try runScript("listen \(PostgresIdentifier(channel).quoted)")
    }

    /// Stops listening to channels without listeners.
    func dropAbandonedChannels() {
        for channel in listeners.takeAbandonedChannels() where status.isUsable {
            do {
                try runScript("unlisten \(PostgresIdentifier(channel).quoted)", cancellable: false)
            } catch {
                logger.debug("unlisten failed", metadata: ["error.message": "\(error)"])
            }
        }
    }

    var processID: Int32 {
        connection.map { PQbackendPID($0) } ?? 0
    }
}
