#if NATS
    public import HindsightLog
    import HindsightNATS
    import Logging
    public import ServiceLifecycle

    extension JetStreamEventLog: Service {
        /// Wakes readers when there may be new events.
        public func changes() -> LogChanges { LogChanges(signal) }

        /// Listens for what is stored, by whomever, and keeps the index of ids filled, if there is one, until the task is cancelled or the service group shuts down.
        public func run() async throws {
            await cancelWhenGracefulShutdown {
                await withTaskGroup { tasks in
                    tasks.addTask { await self.signal.poll() }
                    tasks.addTask { await self.listen() }
                    tasks.addTask { await self.keepIDIndexFilled() }
                    await tasks.waitForAll()
                }
            }
        }

        /// Only what is stored wakes readers: a message that is published is seen by others before it can be read.
        private func listen() async {
            var options = OrderedOptions()
            options.headersOnly = true
            options.name = "hindsight-wake"
            while !Task.isCancelled {
                do {
                    let messages = try stream.jetStream.ordered(
                        on: stream.name, from: .new, filter: nil, options: options)
                    defer { messages.stop() }
                    for try await _ in messages.batches { signal.notify() }
                } catch {
                    // Readers look by themselves meanwhile.
                    logger.debug("not listening to the stream", metadata: ["error.message": "\(error)"])
                }
                try? await Task.sleep(for: .seconds(1))  // cancelled: the loop ends
            }
        }
    }
#endif
