public import HindsightLog
import HindsightPostgres
public import ServiceLifecycle

extension PostgresEventLog: Service {
    /// On two cores a notification that is sent at once makes an event visible 0.4 ms later in this process.
    private static let announcementPause: Duration = .milliseconds(2)

    /// Listens for the appends of other processes, announces those of this one, and has its readers look again at every poll
    /// interval, until the service group shuts down or the task is cancelled.
    ///
    /// It takes a connection of the pool for as long as somebody reads (``changes()``). Called a second time, it waits for its turn.
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

    /// Wakes the readers of this process now, and those of others soon: while the log runs by itself, otherwise at the next
    /// ``flush()``.
    ///
    /// Appends of this object do so by themselves. It is for events that were appended in a transaction of your own, after its
    /// commit; without it readers find them at their next poll.
    public func announce() {
        signal.notify()
        announcer.note()
    }

    /// Returns when other processes have been told of what was appended through this object, or cannot be: then they find it when they
    /// next look.
    public func flush() async {
        await announcer.flush()
    }

    /// Wakes readers when there may be something new.
    public func changes() -> LogChanges {
        listener.retain()
        return LogChanges(signal) { [listener] in listener.release() }
    }
}
