#if NATS
    extension JetStream {
        /// Creates a stream. One that is there already with the same configuration is taken as created.
        ///
        /// - Parameter configuration: how it is to be.
        /// - Returns: what the server made of it.
        /// - Throws: ``JetStreamError``: `streamExists` if it is there with another configuration; `configurationMismatch` if the
        ///   server has created something else than what was asked for, which it then keeps.
        public func createStream(_ configuration: StreamConfiguration) async throws(JetStreamError) -> StreamInfo {
            try await apply(configuration, with: "STREAM.CREATE", "creating")
        }

        /// Changes a stream.
        ///
        /// - Parameter configuration: how it is to be: all of it, so begin with what ``streamInfo(_:subjects:)`` says.
        /// - Returns: what the server made of it.
        /// - Throws: ``JetStreamError``: `streamNotFound`; `configurationMismatch`; `serverError` for a change that cannot be.
        public func updateStream(_ configuration: StreamConfiguration) async throws(JetStreamError) -> StreamInfo {
            try await apply(configuration, with: "STREAM.UPDATE", "updating")
        }

        private func apply(_ configuration: StreamConfiguration, with operation: String, _ verb: String)
            async throws(JetStreamError) -> StreamInfo
        {
            try Self.check(name: configuration.name, of: "stream")
            let what = "\(verb) the stream \(configuration.name)"
            var asked = configuration.members
            asked["metadata"] = asked["metadata"].map { (own: [String: String]) in
                own.filter { !$0.key.hasPrefix("_nats.") }
            }
            let info = try StreamInfo(
                try await call("\(operation).\(configuration.name)", configuration.members, what), what)
            try ConfigurationEcho.check(
                asked: asked, echoed: info.configuration.members, of: "the stream \(configuration.name)")
            return info
        }

        /// What the leader of a stream says of it.
        ///
        /// - Parameters:
        ///   - stream: its name.
        ///   - subjects: subjects, wildcards included, whose messages are counted one subject at a time, up to 100,000 of them.
        ///     The server walks through all of them.
        /// - Throws: ``JetStreamError``: `streamNotFound`, `unavailable`, `timedOut`.
        public func streamInfo(_ stream: String, subjects: NATSSubject? = nil) async throws(JetStreamError)
            -> StreamInfo
        {
            try Self.check(name: stream, of: "stream")
            var body = JSONMembers()
            body["subjects_filter"] = subjects
            let what = "asking for the stream \(stream)"
            return try StreamInfo(try await call("STREAM.INFO.\(stream)", body, what), what)
        }

        /// The names of all streams.
        ///
        /// - Parameter subject: only streams that store this subject, wildcards included.
        public func streamNames(storing subject: NATSSubject? = nil) async throws(JetStreamError) -> [String] {
            var body = JSONMembers()
            body["subject"] = subject
            return try await names(of: "streams", "STREAM.NAMES", body)
        }

        /// Deletes a stream with all its messages and consumers.
        ///
        /// - Throws: ``JetStreamError``: `streamNotFound`.
        public func deleteStream(_ stream: String) async throws(JetStreamError) {
            try Self.check(name: stream, of: "stream")
            _ = try await call("STREAM.DELETE.\(stream)", "deleting the stream \(stream)")
        }

        /// Removes messages of a stream.
        ///
        /// - Parameters:
        ///   - stream: its name.
        ///   - purge: which messages; all of them without it.
        /// - Returns: how many were removed.
        /// - Throws: ``JetStreamError``: `streamNotFound`; `serverError` if the stream does not allow it.
        @discardableResult
        public func purge(_ stream: String, _ purge: StreamPurge = .all) async throws(JetStreamError) -> UInt64 {
            try Self.check(name: stream, of: "stream")
            let answer = try await call("STREAM.PURGE.\(stream)", purge.members, "purging the stream \(stream)")
            return answer["purged"] ?? 0
        }

        /// Deletes one message of a stream.
        ///
        /// - Parameters:
        ///   - sequence: the message.
        ///   - stream: the stream's name.
        ///   - overwrites: whether its bytes are overwritten in the file, which takes longer.
        /// - Throws: ``JetStreamError``: `messageNotFound`; `serverError`, with ``JetStreamError/serverText``, if the stream does not allow
        ///   it, or was never so long.
        public func deleteMessage(_ sequence: UInt64, of stream: String, overwrites: Bool = true)
            async throws(JetStreamError)
        {
            try Self.check(name: stream, of: "stream")
            var body = JSONMembers()
            body["seq"] = sequence
            body["no_erase"] = !overwrites
            _ = try await call(
                "STREAM.MSG.DELETE.\(stream)", body, "deleting the message \(sequence) of the stream \(stream)")
        }

        /// All names of a list that comes in pages.
        func names(of list: String, _ operation: String, _ body: JSONMembers = JSONMembers())
            async throws(JetStreamError) -> [String]
        {
            var body = body
            var names: [String] = []
            while true {
                body["offset"] = names.count
                let page = try await call(operation, body, "listing \(list)")
                let more: [String] = page[list] ?? []
                names += more
                if more.isEmpty || names.count >= page["total"] ?? 0 { return names }
            }
        }
    }

    extension JetStream {
        func call(_ operation: String, _ what: String) async throws(JetStreamError) -> JSONMembers {
            try await call(operation, JSONMembers(), what)
        }
    }
#endif
