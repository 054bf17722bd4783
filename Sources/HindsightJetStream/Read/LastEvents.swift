#if NATS
    import HindsightLog

    /// Keeps the last events of a series, up to limits in number and bytes, for reading backward what can only be read forward.
    struct LastEvents {
        private var events: [RecordedEvent] = []
        private var head = 0
        private var bytes = 0
        private let limit: Int
        private let maximumBytes: Int

        init(limit: Int, maximumBytes: Int) {
            self.limit = max(limit, 0)
            self.maximumBytes = maximumBytes
        }

        mutating func add(_ event: RecordedEvent) {
            events.append(event)
            bytes += event.byteCount
            // One more than may be in the page, so that the page sees that it is cut.
            while events.count - head - 1 > limit
                || (bytes - events[head].byteCount > maximumBytes && events.count - head > 2)
            {
                bytes -= events[head].byteCount
                head += 1
            }
            if head > 1_024, head > events.count / 2 {
                events.removeFirst(head)
                head = 0
            }
        }

        /// The newest first.
        var newestFirst: ReversedCollection<ArraySlice<RecordedEvent>> { events[head...].reversed() }
    }
#endif
