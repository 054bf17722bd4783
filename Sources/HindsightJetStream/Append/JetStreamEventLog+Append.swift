#if NATS
    public import HindsightLog
    import HindsightTracing

    extension JetStreamEventLog {
        /// Appends events to several streams at once, as one atomic batch.
        @discardableResult
        public func append(_ appends: [StreamAppend]) async throws -> [AppendResult] {
            let limits = limits
            try limits.check(appends)
            return try await AppendSpan.around(appends, within: limits) { appends in
                try await append(AppendCall(appends))
            }
        }

        /// Appends events to one stream.
        @discardableResult
        public func append(
            _ events: [NewEvent], to stream: StreamName, expected: ExpectedVersion = .any
        ) async throws -> AppendResult {
            try await append([StreamAppend(stream, events, expected: expected)])[0]
        }

        /// Appends events of several streams in the given order, as one atomic batch of at most 1,000.
        @discardableResult
        public func append(inOrder events: [StreamEvent]) async throws -> Int64 {
            let limits = limits
            try limits.check(AppendCall(inOrder: events).appends)
            let results = try await AppendSpan.around(inOrder: events, within: limits) { events in
                try await append(AppendCall(inOrder: events))
            }
            return results.map(\.position).max() ?? 0
        }

        /// Appends events in the given order, exactly as another log or file has them. Streams that have events already are looked
        /// through for them from their beginning, whatever times their ids tell, as far as this process does not remember what they hold;
        /// with an index of ids (``Configuration/idIndex``) that is asked in place of it.
        @discardableResult
        public func append(verbatim events: [StreamEvent]) async throws -> AppendResult {
            let call = AppendCall(inOrder: events)
            try limits.check(call.appends)
            let results = try await append(call)
            return results.max { $0.position < $1.position }
                ?? AppendResult(position: 0, version: -1, isDuplicate: true)
        }

        private func append(_ call: AppendCall) async throws -> [AppendResult] {
            var run = AppendRun(self, call)
            return try await run.run()
        }
    }
#endif
