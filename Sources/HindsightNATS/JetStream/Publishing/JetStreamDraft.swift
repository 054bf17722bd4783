#if NATS
    /// A message that is to be stored.
    public struct JetStreamDraft: Sendable, Equatable {
        /// Where it is published to.
        public var subject: NATSSubject
        /// What it carries.
        public var payload: [UInt8]
        /// Its headers. Those that begin with `Nats-` belong to NATS.
        public var headers: NATSHeaders
        /// Its id, and what the stream has to find.
        public var options: PublishOptions

        /// A message.
        ///
        /// - Parameters:
        ///   - payload: what it carries, in bytes.
        ///   - subject: a subject without wildcards.
        ///   - headers: its headers.
        ///   - options: its id, and what the stream has to find.
        public init(
            _ payload: some Collection<UInt8>, to subject: NATSSubject, headers: NATSHeaders = [:],
            options: PublishOptions = PublishOptions()
        ) {
            self.subject = subject
            self.payload = Array(payload)
            self.headers = headers
            self.options = options
        }
    }
#endif
