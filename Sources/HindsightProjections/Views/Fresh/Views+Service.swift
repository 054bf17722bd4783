public import ServiceLifecycle

extension Views: Service {
    /// Listens to what other processes have committed, while reads of this process wait for them: such a read then returns as
    /// soon as a notification has come, and without this at the next look, which is every 50 milliseconds.
    ///
    /// Not needed where an engine runs with the same pool, which does so itself. It opens a connection of its own, at the
    /// first such read and until none has waited for ten seconds; with a pooler that hands out connections by transaction
    /// it is of no use. Ends when the service group shuts down or the task is cancelled.
    public func run() async throws {
        await cancelWhenGracefulShutdown { await reads.serve(pool, for: nil) }
    }
}
