public import HindsightLog
import HindsightPostgres
public import ServiceLifecycle

extension PostgresEventLog: Service {
    /// On two cores, a notification that is sent immediately makes an event visible 0.4 ms later in this process.
    private static let announcementPause: Duration = .milliseconds(2)

    /// Listens for the appends of other processes, announces those of this one, and makes its readers look again at
    /// every poll interval, until the service group shuts down or the task is cancelled.
    ///
    /// It occupies a connection of the pool while there are readers (``changes()``). A second call waits for its turn.
    public func run() async throws {
        await cancelWhenGracefulShutdown { [self] in
            await turn.run { await work() }
        }
        await flush()
    }

    private func work() async {
        await withTaskGroup { tasks in
            tasks.addTask { await self.signal.poll() }
            tasks.addTask { await self.listener.run() }
            tasks.addTask {
                await self.announcer.run { self.listener.isInUse ? Self.announcementPause : .zero }
            }
        }
    }

    /// Wakes the readers of this process now, and those of others soon: automatically while the log runs, otherwise at
    /// the next ``flush()``.
    ///
    /// Appends of this object do so automatically. Call it for events that were appended in your own transaction, after
    /// its commit; otherwise readers find them at their next poll.
    public func announce() {
        signal.notify()
        announcer.note()
    }

    /// Returns when other processes have been notified of the appends through this object, or cannot be: then they find
    /// the events at their next look.
    public func flush() async {
        await announcer.flush()
    }

    /// Wakes readers when there may be new events.
    public func changes() -> LogChanges {
        listener.retain()
        return LogChanges(signal) { [listener] in listener.release() }
    }
}
