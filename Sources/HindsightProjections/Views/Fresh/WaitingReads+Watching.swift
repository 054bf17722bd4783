import HindsightLog
import HindsightPostgres
import Synchronization

extension WaitingReads {
    /// Wakes those whose time is up, and asks the database how the views stand that somebody waits for, until the task is
    /// cancelled.
    func watch(_ pool: PostgresPool) async {
        await withDiscardingTaskGroup { tasks in
            // Apart from each other: a server that does not answer changes nothing about the time.
            tasks.addTask { await self.whileAwaited(pausing: self.untilDeadline) { self.expire() } }
            // However many wait, and for however short a time: what each look costs the server is shared by all of them.
            tasks.addTask { await self.whileAwaited(pausing: { Self.interval }) { await self.look(pool) } }
        }
    }

    /// Does something again and again while somebody waits, first after a pause.
    private func whileAwaited(pausing pause: () -> Duration, _ action: () async -> Void) async {
        while !Task.isCancelled {
            let seen = demand.generation
            guard state.withLock({ !$0.board.isEmpty }) else {
                await demand.wait(after: seen)
                continue
            }
            try? await Task.sleep(for: pause())  // cancelled: the loop ends
            await action()
        }
    }

    /// Until the earliest deadline, but no longer than an interval.
    private func untilDeadline() -> Duration {
        let earliest = state.withLock { state in
            var earliest: ContinuousClock.Instant?
            state.board.forEach { waiter in earliest = min(earliest ?? waiter.wish.deadline, waiter.wish.deadline) }
            return earliest
        }
        return earliest.map { max(.milliseconds(1), min(Self.interval, $0 - .now)) } ?? Self.interval
    }

    private func expire() {
        let now = ContinuousClock.now
        let late = state.withLock { state in state.board.removeAll { $0.wish.deadline <= now } }
        for waiter in late { waiter.continuation.resume(returning: .timeUp) }
    }

    /// Asks the database once for all.
    func look(_ pool: PostgresPool) async {
        let (asked, stamp) = state.withLock { ($0.board.names, $0.board.stamp) }
        guard !asked.isEmpty else { return }
        let statement = ViewStanding.query(asked.sorted(), below: .max, names)
        guard
            let standings = try? await pool.withSession({ session in
                try session.query(statement).map { try ViewStanding($0) }
            })
        else { return }  // The next look is soon, and everybody has a deadline.
        let now = ContinuousClock.now
        let woken = state.withLock { state in
            state.board.note(standings, asked: asked, before: stamp, at: now) { $0.wish.lease }
        }
        for waiter in woken { waiter.continuation.resume(returning: .look) }
    }

    // MARK: - As a service

    /// Looks after those who wait, in place of one of them, and listens to what other processes tell, until the task is
    /// cancelled.
    ///
    /// - Parameter engine: the engine of this process, if this is a part of one.
    func serve(_ pool: PostgresPool, for engine: LocalEngine?) async {
        let number = state.withLock { state in
            state.services += 1
            let number = state.ticket()
            if let engine { state.engines[number] = engine }
            return number
        }
        await withDiscardingTaskGroup { tasks in
            tasks.addTask { await self.watch(pool) }
            tasks.addTask { await ReadListener(reads: self, pool: pool).run() }
        }
        state.withLock { state in
            state.services -= 1
            state.engines[number] = nil
        }
        appoint()
    }
}
