extension EventPage {
    /// Collects the events of a page, up to limits in number and bytes.
    package struct Builder {
        /// The events so far.
        package private(set) var events: [RecordedEvent] = []
        /// Whether a limit is reached, so that nothing more is taken.
        package private(set) var isCut: Bool
        private let limit: Int
        private let maximumBytes: Int
        private var bytes = 0

        /// - Parameters:
        ///   - limit: how many events at most.
        ///   - maximumBytes: their size together at most (``RecordedEvent/byteCount``); a single event may be larger.
        package init(limit: Int, maximumBytes: Int) {
            self.limit = max(limit, 0)
            self.maximumBytes = maximumBytes
            isCut = limit <= 0
        }

        /// Takes the next event if it fits.
        ///
        /// - Returns: whether it was taken.
        package mutating func add(_ event: RecordedEvent) -> Bool {
            guard !isCut else { return false }
            let total = bytes + event.byteCount
            guard events.isEmpty || total <= maximumBytes else {
                isCut = true
                return false
            }
            events.append(event)
            bytes = total
            isCut = events.count == limit
            return true
        }

        /// What was collected.
        package var page: EventPage { EventPage(events, isCut: isCut) }
    }

    /// As many of these events as the limits allow.
    package init(_ events: some Sequence<RecordedEvent>, limit: Int, maximumBytes: Int) {
        var builder = Builder(limit: limit, maximumBytes: maximumBytes)
        for event in events where !builder.add(event) { break }
        self = builder.page
    }
}
