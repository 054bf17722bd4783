#if NATS
    import NIOCore

    /// A subscription's state, without network and tasks: what it has received, what was taken, and how it ends.
    package struct SubscriptionMachine {
        /// How far its life has come.
        package enum Phase: Equatable {
            /// The server sends messages.
            case active
            /// The server was told to stop; what it sent before may still come.
            case stopping
            /// Nothing more can come. What is here is still to be handled.
            case draining
            case ended
        }

        /// What follows from messages that came.
        package struct Reception {
            /// Messages to hand to the reader who waits. What is not handed over is kept.
            package var batch: NATSMessageBatch?
            /// How many were lost.
            package var dropped = 0
            /// The limit was reached for the first time since the reader had caught up.
            package var isSlow = false
            /// The connection should not be read.
            package var suspendsReading = false
            /// The server sends no more, because the agreed number has come.
            package var isComplete = false
        }

        /// What a reader gets.
        package enum Next {
            case batch(NATSMessageBatch)
            /// It has to wait.
            case wait
            /// There is nothing any more. The one who sees it first tells the others.
            case ended(NATSError?, isFirst: Bool)
        }

        /// What follows from an end.
        package struct End: Equatable {
            /// It ended with this, so the others are to be told.
            package var isFirst = false
            /// The connection is to be read again.
            package var resumesReading = false
        }

        package private(set) var phase = Phase.active
        package private(set) var error: NATSError?
        package private(set) var received = 0
        package private(set) var receivedBytes = 0
        package private(set) var dropped = 0
        /// How many messages the server sends in all, if that was agreed.
        package private(set) var limit: Int?
        /// How many had come when the server was told of the subscription: it counts from there.
        private var base = 0
        /// How often a server was told of it, which is once for each connection.
        private(set) var beginnings = 0
        private let options: NATSSubscriptionOptions
        private var kept = CircularBuffer<NATSMessageBatch>()
        private var isSlow = false
        /// The connection is not read because of it.
        package private(set) var suspendsReading = false
        /// A reader has taken messages and not come back.
        private var isBusy = false

        package init(options: NATSSubscriptionOptions) {
            self.options = options
        }

        /// How many messages are still to come.
        private var remaining: Int? { limit.map { max(0, $0 - received - dropped) } }

        /// The limit as a server counts: from when it was told of the subscription.
        package var serverLimit: Int? { limit.map { max(1, $0 - base) } }

        /// A server is told of the subscription.
        ///
        /// - Returns: whether it is to send anything.
        package mutating func begin() -> Bool {
            guard phase == .active else { return false }
            base = received + dropped
            beginnings += 1
            return true
        }

        /// So many messages are to come in all.
        ///
        /// - Returns: whether they have come already.
        package mutating func limit(to messages: Int) -> Bool {
            guard phase == .active else { return false }
            limit = messages
            guard received + dropped >= messages else { return false }
            phase = .draining
            return true
        }

        /// Messages came.
        ///
        /// - Parameters:
        ///   - batch: the messages.
        ///   - taken: how many messages and bytes the reader has had.
        ///   - hasWaiter: whether a reader waits for them.
        package mutating func receive(
            _ batch: NATSMessageBatch, taken: (messages: Int, bytes: Int), hasWaiter: Bool
        ) -> Reception {
            var reception = Reception()
            guard phase == .active || phase == .stopping else { return reception }
            var batch = batch
            if let remaining, batch.count > remaining { batch.frames = batch.frames.prefix(remaining) }
            let size = batch.size
            let pending = received - taken.messages
            let pendingBytes = receivedBytes - taken.bytes
            // The reader has caught up, so what is too much now is another time.
            if pending == 0, !suspendsReading { isSlow = false }
            if pending + batch.count > options.pendingMessages || pendingBytes + size > options.pendingBytes {
                switch options.overflow {
                case .suspend:
                    reception.suspendsReading = !suspendsReading
                    suspendsReading = true
                case .dropAndReport:
                    let fitting = fit(
                        batch, messages: options.pendingMessages - pending, bytes: options.pendingBytes - pendingBytes)
                    reception.dropped = batch.count - fitting
                    dropped += reception.dropped
                    batch.frames = batch.frames.prefix(fitting)
                }
                reception.isSlow = !isSlow
                isSlow = true
            }
            received += batch.count
            receivedBytes += batch.count == 0 ? 0 : batch.size
            if let limit, received + dropped >= limit {
                phase = .draining
                reception.isComplete = true
            }
            guard !batch.isEmpty else { return reception }
            if hasWaiter {
                isBusy = true
                reception.batch = batch
            } else {
                kept.append(batch.compacted())
            }
            return reception
        }

        private func fit(_ batch: NATSMessageBatch, messages: Int, bytes: Int) -> Int {
            var count = 0
            var size = 0
            for frame in batch.frames {
                size += frame.size
                guard count < messages, size <= bytes else { break }
                count += 1
            }
            return count
        }

        /// A reader has handled what it had, and asks for more.
        ///
        /// - Parameter taken: how many messages and bytes the reader has had.
        /// - Returns: what it gets, and whether the connection is to be read again.
        package mutating func next(taken: (messages: Int, bytes: Int)) -> (next: Next, resumesReading: Bool) {
            isBusy = false
            if phase == .ended { return (.ended(error, isFirst: false), false) }
            if let batch = kept.popFirst() {
                isBusy = true
                return (.batch(batch), resumeReading(taken: taken))
            }
            guard phase == .draining else { return (.wait, resumeReading(taken: taken)) }
            let end = finish()
            return (.ended(nil, isFirst: true), end.resumesReading)
        }

        /// Whether so much has been taken that the connection is to be read again.
        ///
        /// - Parameter taken: how many messages and bytes the reader has had.
        package mutating func resumeReading(taken: (messages: Int, bytes: Int)) -> Bool {
            guard suspendsReading, received - taken.messages <= options.pendingMessages / 2,
                receivedBytes - taken.bytes <= options.pendingBytes / 2
            else { return false }
            suspendsReading = false
            isSlow = false
            return true
        }

        private mutating func finish() -> End {
            phase = .ended
            defer { suspendsReading = false }
            return End(isFirst: true, resumesReading: suspendsReading)
        }

        /// A reader goes without having handled all that it took.
        ///
        /// - Returns: whether the subscription has ended with this.
        package mutating func putBack(_ batch: NATSMessageBatch?) -> End {
            isBusy = false
            guard phase != .ended else { return End() }
            if let batch, !batch.isEmpty { kept.prepend(batch.compacted()) }
            return endIfDone()
        }

        /// The server is told to stop sending.
        ///
        /// - Returns: whether it has to be told.
        package mutating func stop() -> Bool {
            guard phase == .active else { return false }
            phase = .stopping
            return true
        }

        /// Nothing more can come: the server has answered, or is gone.
        ///
        /// - Returns: whether the subscription has ended with this.
        package mutating func nothingMoreComes() -> End {
            guard phase == .active || phase == .stopping else { return End() }
            phase = .draining
            return endIfDone()
        }

        /// What the agreed number brought to its end, looked at when nobody reads.
        package mutating func endIfDone() -> End {
            guard phase == .draining, kept.isEmpty, !isBusy else { return End() }
            return finish()
        }

        /// It ends here and now, and what waits is thrown away.
        ///
        /// - Returns: whether the subscription has ended with this.
        package mutating func end(_ error: NATSError?) -> End {
            guard phase != .ended else { return End() }
            self.error = error
            kept = CircularBuffer()
            return finish()
        }
    }
#endif
