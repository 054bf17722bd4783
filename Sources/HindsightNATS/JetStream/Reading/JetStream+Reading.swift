#if NATS
    import NIOCore

    extension JetStream {
        /// One message of a stream.
        ///
        /// - Parameters:
        ///   - stream: the stream's name.
        ///   - place: which message.
        ///   - server: who answers. From ``ReadPlace/anyReplica`` `nil` can mean that the replica is behind.
        /// - Returns: the message; `nil` if there is none.
        /// - Throws: ``JetStreamError``: `streamNotFound`, `unavailable`, `timedOut`, `connection`.
        public func message(in stream: String, _ place: MessagePlace, from server: ReadPlace = .leader)
            async throws(JetStreamError) -> StoredMessage?
        {
            try Self.check(name: stream, of: "stream")
            let what = "reading \(place) of the stream \(stream)"
            switch server {
            case .leader: return try await leaderMessage(in: stream, place, what)
            case .anyReplica: return try await replicaMessage(in: stream, place, what)
            }
        }

        private func leaderMessage(in stream: String, _ place: MessagePlace, _ what: String)
            async throws(JetStreamError) -> StoredMessage?
        {
            let answer: JSONMembers
            do throws(JetStreamError) {
                answer = try await call("STREAM.MSG.GET.\(stream)", place.members, what)
            } catch {
                if error.code == .messageNotFound { return nil }
                throw error
            }
            guard let members: JSONMembers = answer["message"], let message = StoredMessage(members) else {
                throw JetStreamError(.unexpectedAnswer, "\(what): the answer has no message")
            }
            return message
        }

        private func replicaMessage(in stream: String, _ place: MessagePlace, _ what: String)
            async throws(JetStreamError) -> StoredMessage?
        {
            let subject = NATSSubject("\(prefix)DIRECT.GET.\(stream)")
            let answer = try await patiently { () throws(JetStreamError) in
                try await ask(try place.members.encoded(), to: subject, what)
            }
            if let status = answer.status {
                if status.code == 404 { return nil }
                throw JetStreamError(serverCode: nil, status: status.code, text: status.text, what)
            }
            guard let message = StoredMessage(direct: answer) else {
                throw JetStreamError(.unexpectedAnswer, "\(what): the answer has no message")
            }
            return message
        }
    }
#endif
