#if NATS
    import Logging
    import NIOCore
    import Synchronization

    extension ClientCore {
        /// Begins to drain; it returns at once.
        func drain(timeout: Duration?) {
            let timeout = timeout ?? configuration.drainTimeout
            let action = state.withLock { $0.machine.drain(loses: $0.output.size > 0) }
            guard case .drainSubscriptions = action else { return perform(action) }
            eventLoop.scheduleTask(in: TimeAmount(timeout)) { [weak self] in
                guard let self else { return }
                perform(state.withLock { $0.machine.drainTimedOut(timeout) })
            }
            perform(action)
        }

        /// Closes at once.
        func close(_ error: NATSError?) {
            perform(state.withLock { $0.machine.close(error) })
        }

        /// Does what the state of the client asks for.
        func perform(_ action: ConnectionMachine.Action) {
            switch action {
            case .nothing:
                break
            case .drainSubscriptions:
                drainSubscriptions()
            case .endOfMessages:
                for subscription in state.withLock({ Array($0.subscriptions.values) }) {
                    subscription.nothingMoreComes()
                }
            case .awaitRequests:
                requests.whenEmpty { self.perform(self.state.withLock { $0.machine.requestsDone() }) }
            case .flush:
                if state.withLock({ $0.machine.isLinked && $0.ping(.drained) }) { scheduleFlush() }
            case .close(let error):
                finish(error)
            }
        }

        private func drainSubscriptions() {
            let (flushes, action) = state.withLock { state in
                let all = Array(state.subscriptions.values)
                for subscription in all where subscription.stop() {
                    state.output.command("UNSUB \(subscription.id)\r\n")
                }
                let flushes = all.isEmpty ? false : state.ping(.fence(all))
                return (flushes, state.endOfDrain())
            }
            if flushes { scheduleFlush() }
            perform(action)
        }

        /// Everything that waits gets to know that nothing comes any more. It happens once.
        private func finish(_ error: NATSError?) {
            let (link, abort, rest, subscriptions, flushes, room) = state.withLock { state in
                defer {
                    state.link = nil
                    state.abortAttempt = nil
                    state.pongs = []
                    state.flushes = [:]
                    state.roomWaiters = [:]
                }
                return (
                    state.link, state.abortAttempt, state.link == nil ? nil : state.output.takeAll(),
                    Array(state.subscriptions.values), Array(state.flushes.values), Array(state.roomWaiters.values)
                )
            }
            abort?()
            let reason = error ?? ConnectionMachine.closed
            for subscription in subscriptions { subscription.end(error) }
            for flush in flushes { flush.resume(returning: .failure(reason)) }
            for waiter in room { waiter.resume() }
            requests.failAll(reason)
            if let link {
                // What was published before is on its way; the server closes nothing that it has read.
                if let rest { link.channel.writeAndFlush(rest, promise: nil) }
                link.channel.close(promise: nil)
                link.ended.complete(.success(()))
            }
            if let error {
                logger.error("the connection to NATS is closed", metadata: ["error.message": "\(error)"])
            } else {
                logger.info("the connection to NATS is closed")
            }
            ready.complete(.failure(reason))
            closed.complete(error.map { .failure($0) } ?? .success(()))
            events.close(.closed(error))
        }
    }
#endif
