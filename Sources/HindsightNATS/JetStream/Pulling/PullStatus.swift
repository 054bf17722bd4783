#if NATS
    /// What a server says instead of a message.
    ///
    /// Source: <https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-37.md>
    package enum PullStatus: Equatable {
        /// It is there, and has nothing. It says how far it is, if it does.
        case heartbeat(lastConsumerSequence: UInt64?)
        /// A request has ended, because its time is over or it is fulfilled.
        case ended(left: PullAmount?)
        /// A request has ended, because the next message has more bytes than are left of it.
        case tooLarge(left: PullAmount?)
        /// There is no message now, and the request did not want to wait.
        case noMessages
        /// The servers have changed among themselves. It is to be asked again.
        case interrupted(String)
        /// Nobody answers for the consumer.
        case noResponders
        /// The consumer was deleted.
        case deleted
        /// It is not what the server does.
        case refused(String)

        /// The status in the headers of a message; `nil` if there is none.
        package init?(parsing headers: UnsafeRawBufferPointer) {
            guard let status = NATSStatus(parsing: headers) else { return nil }
            func number(_ name: StaticString) -> UInt64? {
                HeaderLines.value(of: name, in: headers).flatMap { UInt64(String(decoding: $0, as: UTF8.self)) }
            }
            func left() -> PullAmount? {
                number("Nats-Pending-Messages").map { messages in
                    PullAmount(
                        messages: Int(clamping: messages),
                        bytes: number("Nats-Pending-Bytes").map { Int(clamping: $0) })
                }
            }
            let text = status.text.lowercased()
            switch status.code {
            case 100: self = .heartbeat(lastConsumerSequence: number("Nats-Last-Consumer"))
            case 404: self = .noMessages
            case 408: self = .ended(left: left())
            case 409 where text.hasPrefix("batch completed"): self = .ended(left: left())
            case 409 where text.hasPrefix("message size exceeds"): self = .tooLarge(left: left())
            case 409 where text.hasPrefix("consumer deleted"): self = .deleted
            case 409 where text.hasPrefix("leadership change"), 409 where text.hasPrefix("server shutdown"),
                409 where text.hasPrefix("exceeded maxwaiting"):
                self = .interrupted(status.text)
            case NATSStatus.noRespondersCode: self = .noResponders
            default: self = .refused("\(status.code) \(status.text)")
            }
        }

        /// The status that a message carries.
        package init?(of message: NATSMessage) {
            guard let status = message.withHeaderBytes({ Self(parsing: $0) }) else { return nil }
            self = status
        }
    }
#endif
