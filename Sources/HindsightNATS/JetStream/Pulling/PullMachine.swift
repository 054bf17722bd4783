#if NATS
    /// What a reader of a consumer has asked for and not got, without network and tasks: when it is time to ask for more, and how
    /// much.
    ///
    /// Half of what may be under way is asked for anew when half has come, so the server never waits for the reader. A server
    /// says of each request what it has left undone, so the count is right without knowing which message belongs to which.
    package struct PullMachine {
        /// How much may be under way.
        package let limit: PullAmount
        /// How many messages were asked for and have not come.
        package private(set) var messages = 0
        /// How many bytes, if they are counted.
        package private(set) var bytes = 0
        /// A message was larger than all that may be under way, so it is asked for by itself.
        private var isTooLarge = false
        /// Whether anything has come since the last request.
        private var hasReceived = false

        package init(limit: PullAmount) {
            self.limit = PullAmount(messages: max(1, limit.messages), bytes: limit.bytes.map { max(1, $0) })
        }

        /// What is to be asked for now, if it is time.
        ///
        /// - Parameters:
        ///   - held: messages that the reader has and that count as if they had not come.
        ///   - remaining: how many messages are wanted at all; `nil` for any number.
        package mutating func request(held: Int = 0, remaining: Int? = nil) -> PullAmount? {
            let open = messages + held
            let isDue = open <= limit.messages / 2 || (limit.bytes.map { bytes <= $0 / 2 } ?? false)
            // With few bytes left a request would end at the first message, and be made again at once.
            guard isDue, limit.bytes.map({ bytes <= $0 / 2 }) ?? true else { return nil }
            let wanted = min(limit.messages - open, (remaining ?? .max) - messages)
            guard wanted > 0 else { return nil }
            if isTooLarge {
                isTooLarge = false
                messages += 1
                hasReceived = false
                return PullAmount(messages: 1, bytes: nil)
            }
            var amount = PullAmount(messages: wanted, bytes: nil)
            if let most = limit.bytes {
                amount.bytes = most - bytes
                bytes = most
            }
            messages += wanted
            hasReceived = false
            return amount
        }

        /// A message came.
        ///
        /// - Parameter size: its bytes as a server counts them: subject, reply, headers and payload.
        package mutating func received(size: Int) {
            messages = max(0, messages - 1)
            bytes = max(0, bytes - size)
            hasReceived = true
        }

        /// A request has ended.
        ///
        /// - Parameters:
        ///   - left: what it had left undone; `nil` if the server does not say.
        ///   - isTooLarge: the next message does not fit into the bytes that were asked for.
        package mutating func ended(left: PullAmount?, isTooLarge: Bool = false) {
            guard let left else { return lost() }
            messages = max(0, messages - left.messages)
            bytes = max(0, bytes - (left.bytes ?? 0))
            // Without room for a single message it would be asked for again and again.
            if isTooLarge, !hasReceived, let most = limit.bytes, left.bytes ?? 0 >= most { self.isTooLarge = true }
        }

        /// Whatever was asked for does not come any more.
        package mutating func lost() {
            messages = 0
            bytes = 0
        }
    }
#endif
