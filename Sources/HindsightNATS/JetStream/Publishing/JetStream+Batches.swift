#if NATS
    import NIOCore

    extension JetStream {
        /// How many messages a batch can have if the server is not configured otherwise.
        public static let maximumBatchCount = 1000

        /// Stores several messages of one stream, all or none, one behind the other. Needs a server of 2.12 and
        /// ``StreamConfiguration/allowsBatches``.
        ///
        /// The expectations are looked at before anything is stored. Of several messages of one subject only the first may expect
        /// a last sequence of the subject, and only the first of all one of the stream. On one server with files a batch takes ten
        /// times as long as a single message.
        ///
        /// - Parameter drafts: 1 to 1,000 messages.
        /// - Returns: the sequence of the last message.
        /// - Throws: ``JetStreamError``: `wrongLastSequence`, `wrongStream`; `batchIncomplete` if messages got lost on the way, so
        ///   that it can be sent again; `batchHasKnownID` if an id is known, as it is after a batch whose answer was lost;
        ///   `batchTooLarge`, `batchesDisabled`, `tooManyBatches`, `unsupported`, `unavailable`, `timedOut`, `connection`.
        @discardableResult
        public func publishBatch(_ drafts: [JetStreamDraft]) async throws(JetStreamError) -> PublishAck {
            guard let first = drafts.first, drafts.count <= Self.maximumBatchCount else {
                throw JetStreamError(
                    drafts.isEmpty ? .invalidRequest : .batchTooLarge,
                    "a batch has 1 to \(Self.maximumBatchCount) messages, not \(drafts.count)")
            }
            // A server that does not know of batches would store the messages one by one.
            if let version = client.serverInfo?.version, !NATSServerInfo.isVersion(version, atLeast: 2, 12) {
                throw JetStreamError(.unsupported, "the server is \(version), and atomic batches need 2.12")
            }
            let what = "publishing a batch of \(drafts.count) messages that begins with \(first.subject)"
            // What cannot be sent is found before half of it is.
            let limit = client.serverInfo?.maximumPayload ?? .max
            for draft in drafts { try Self.check(draft, limit: limit, what) }
            let ack = try await patiently { () throws(JetStreamError) in
                try await publishBatchOnce(drafts, what)
            }
            guard ack.batchCount == drafts.count else {
                throw JetStreamError(
                    .unexpectedAnswer,
                    "\(what): the answer speaks of \(ack.batchCount.map(String.init) ?? "no") messages of a batch")
            }
            return ack
        }

        private static func check(_ draft: JetStreamDraft, limit: Int, _ what: String) throws(JetStreamError) {
            do throws(NATSError) {
                try draft.subject.checkLiteral()
                let headers = draft.options.headers(with: draft.headers)
                try headers.check()
                guard draft.payload.count + headers.encodedCount + 128 <= limit else {
                    throw NATSError(
                        .payloadTooLarge,
                        "a message of \(draft.payload.count) bytes is larger than the server takes, with its headers \(limit)"
                    )
                }
            } catch {
                throw JetStreamError(error, what)
            }
        }

        private func publishBatchOnce(_ drafts: [JetStreamDraft], _ what: String) async throws(JetStreamError)
            -> PublishAck
        {
            // Every attempt is a batch of its own: half of one that was given up must not be completed by another.
            let id = ClientCore.unique()
            let answer: NATSMessage
            do throws(NATSError) {
                for (index, draft) in drafts.dropLast().enumerated() {
                    try await core.publish(
                        draft.payload, to: draft.subject, reply: .none, headers: headers(of: draft, id, index + 1))
                }
                let last = drafts[drafts.count - 1]
                var headers = headers(of: last, id, drafts.count)
                headers.append("1", for: "Nats-Batch-Commit")
                answer = try await core.request(
                    last.payload, to: last.subject, headers: headers, within: timeout, endsWithConnection: true)
            } catch {
                throw JetStreamError(error, what)
            }
            return try PublishAck(answer, what)
        }

        private func headers(of draft: JetStreamDraft, _ id: String, _ sequence: Int) -> NATSHeaders {
            var headers = draft.options.headers(with: draft.headers)
            headers.append(id, for: "Nats-Batch-Id")
            headers.append(String(sequence), for: "Nats-Batch-Sequence")
            return headers
        }
    }

    extension NATSServerInfo {
        /// Whether a version is this one or newer. One that is not of numbers is taken as newer.
        static func isVersion(_ version: String, atLeast major: Int, _ minor: Int) -> Bool {
            let parts = version.split(separator: ".").prefix(2).map { Int($0) }
            guard parts.count == 2, let first = parts[0], let second = parts[1] else { return true }
            return (first, second) >= (major, minor)
        }
    }
#endif
