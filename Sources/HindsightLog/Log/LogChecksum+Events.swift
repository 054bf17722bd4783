extension LogChecksum {
    /// The checksum of one event.
    package init(of event: RecordedEvent) {
        self.init()
        add(event.position)
    }

    /// The checksums of some events, by stored type.
    package static func byType(_ events: [RecordedEvent]) -> [(type: String, sum: LogChecksum)] {
        var sums: [(type: String, sum: LogChecksum)] = []
        var latest = 0
        events.withUnsafeBufferPointer { events in
            for index in events.indices {
                // Neighbours often have the same type.
                if latest >= sums.count || sums[latest].type != events[index].type {
                    latest = sums.firstIndex { $0.type == events[index].type } ?? sums.count
                    if latest == sums.count { sums.append((events[index].type, LogChecksum())) }
                }
                sums[latest].sum.add(events[index].position)
            }
        }
        return sums
    }
}
