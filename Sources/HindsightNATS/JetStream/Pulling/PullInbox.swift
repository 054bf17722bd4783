#if NATS
    import NIOCore

    /// The subscription that a consumer's messages come to. Each request is answered to a subject with its number at the end, so a
    /// status says which request it belongs to; a message does not.
    struct PullInbox: Sendable {
        let core: ClientCore
        let subscription: NATSSubscription
        private let prefix: String

        init(_ core: ClientCore, _ what: String) throws(JetStreamError) {
            self.core = core
            prefix = core.newInbox() + "."
            do throws(NATSError) {
                // Only what was asked for comes here, so what is kept has a bound already.
                subscription = NATSSubscription(
                    try core.subscribe(to: NATSSubject(prefix + "*"), queue: nil, options: .unlimited))
            } catch {
                throw JetStreamError(error, what)
            }
        }

        /// Asks for messages.
        ///
        /// - Parameter number: comes back with each status.
        func ask(_ request: PullRequest, at subject: NATSSubject, number: UInt64, _ what: String)
            async throws(JetStreamError)
        {
            do throws(NATSError) {
                try await core.publish(
                    request.payload.utf8, to: subject, reply: .subject(prefix + String(number)), headers: [:])
            } catch {
                throw JetStreamError(error, what)
            }
        }

        /// The number of the request that a status belongs to.
        func number(of status: NATSMessage) -> UInt64? {
            status.withSubject { bytes in
                guard bytes.count > prefix.utf8.count else { return nil }
                return UInt64(String(decoding: bytes[prefix.utf8.count...], as: UTF8.self))
            }
        }
    }

    extension MessageFrame {
        /// Its bytes as a server counts them for the limit of a request.
        var pulledSize: Int { Int(subjectLength) + Int(replyLength) + size }
    }
#endif
