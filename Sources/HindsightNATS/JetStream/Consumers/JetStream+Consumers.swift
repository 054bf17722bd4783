#if NATS
    extension JetStream {
        /// The consumer with this configuration: made if it is not there, changed if it is there with another one.
        ///
        /// - Parameters:
        ///   - configuration: how it is to be.
        ///   - stream: its stream.
        /// - Throws: ``JetStreamError``: `streamNotFound`; `configurationMismatch` if the server has done something else than
        ///   what was asked for; `serverError` for a change that cannot be.
        public func consumer(_ configuration: ConsumerConfiguration, on stream: String) async throws(JetStreamError)
            -> Consumer
        {
            _ = try await apply(configuration, on: stream, action: nil)
            return Consumer(self, stream: stream, name: configuration.name)
        }

        /// Creates a consumer. One that is there already with the same configuration is taken as created.
        ///
        /// - Throws: ``JetStreamError``: `consumerExists` if it is there with another configuration, and as
        ///   ``consumer(_:on:)``.
        public func createConsumer(_ configuration: ConsumerConfiguration, on stream: String)
            async throws(JetStreamError) -> Consumer
        {
            _ = try await apply(configuration, on: stream, action: "create")
            return Consumer(self, stream: stream, name: configuration.name)
        }

        /// Changes a consumer.
        ///
        /// - Throws: ``JetStreamError``: `consumerNotFound`, and as ``consumer(_:on:)``.
        public func updateConsumer(_ configuration: ConsumerConfiguration, on stream: String)
            async throws(JetStreamError) -> ConsumerInfo
        {
            try await apply(configuration, on: stream, action: "update")
        }

        /// A consumer that is there.
        ///
        /// - Throws: ``JetStreamError``: `consumerNotFound`, `streamNotFound`, `unavailable`.
        public func consumer(named name: String, on stream: String) async throws(JetStreamError) -> Consumer {
            _ = try await consumerInfo(name, on: stream)
            return Consumer(self, stream: stream, name: name)
        }

        /// What the leader of a consumer says of it.
        ///
        /// - Throws: ``JetStreamError``: `consumerNotFound`, `streamNotFound`, `unavailable`.
        public func consumerInfo(_ name: String, on stream: String) async throws(JetStreamError) -> ConsumerInfo {
            try Self.check(name: stream, of: "stream")
            try Self.check(name: name, of: "consumer")
            let what = "asking for the consumer \(name) of the stream \(stream)"
            return try ConsumerInfo(try await call("CONSUMER.INFO.\(stream).\(name)", what), what)
        }

        /// The names of a stream's consumers.
        public func consumerNames(on stream: String) async throws(JetStreamError) -> [String] {
            try Self.check(name: stream, of: "stream")
            return try await names(of: "consumers", "CONSUMER.NAMES.\(stream)")
        }

        /// Deletes a consumer.
        ///
        /// - Throws: ``JetStreamError``: `consumerNotFound`.
        public func deleteConsumer(_ name: String, on stream: String) async throws(JetStreamError) {
            try Self.check(name: stream, of: "stream")
            try Self.check(name: name, of: "consumer")
            _ = try await call(
                "CONSUMER.DELETE.\(stream).\(name)", "deleting the consumer \(name) of the stream \(stream)")
        }

        /// Has a server make a consumer, and sees that it is as it was asked for.
        func apply(_ configuration: ConsumerConfiguration, on stream: String, action: String?)
            async throws(JetStreamError) -> ConsumerInfo
        {
            try Self.check(name: stream, of: "stream")
            try Self.check(name: configuration.name, of: "consumer")
            let what = "making the consumer \(configuration.name) of the stream \(stream)"
            var body = JSONMembers()
            body["stream_name"] = stream
            body["config"] = configuration.members
            body["action"] = action
            let info = try ConsumerInfo(
                try await call("CONSUMER.CREATE.\(stream).\(configuration.name)", body, what), what)
            var asked = configuration.members
            asked["metadata"] = asked["metadata"].map { (own: [String: String]) in
                own.filter { !$0.key.hasPrefix("_nats.") }
            }
            try ConfigurationEcho.check(
                asked: asked, echoed: info.configuration.members,
                of: "the consumer \(configuration.name) of the stream \(stream)")
            return info
        }
    }
#endif
