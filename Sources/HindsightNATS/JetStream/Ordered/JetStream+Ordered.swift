#if NATS
    extension JetStream {
        /// The messages of a stream in order. Nothing is asked of a server before they are read.
        ///
        /// - Parameters:
        ///   - stream: the stream's name.
        ///   - start: where to begin. What lies before the stream's first message is passed over in silence: compare the first
        ///     ``JetStreamDelivery/streamSequence``.
        ///     With ``StartPlace/lastOfEachSubject`` all messages come behind the place where the reading had to begin anew.
        ///   - filter: the subject of the messages, wildcards included; `nil` for all.
        ///   - options: how much is read ahead, where it ends, how it heals.
        /// - Throws: ``JetStreamError``: `closed`, `draining`, `invalidRequest`.
        public func ordered(
            on stream: String, from start: StartPlace = .first, filter: NATSSubject? = nil,
            options: OrderedOptions = OrderedOptions()
        ) throws(JetStreamError) -> OrderedMessages {
            OrderedMessages(try OrderedCore(self, stream: stream, from: start, filter: filter, options: options))
        }
    }
#endif
