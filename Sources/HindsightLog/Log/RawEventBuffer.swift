/// What a reader of a rebuild reads into, one stretch of a log after the other: events without the fields that nobody looks at,
/// their data where it was read.
///
/// Its memory serves the next stretch as well: asking the system for megabytes with each one was a twentieth of the time.
///
/// `@unchecked Sendable`: it belongs to one reader, who waits while the log fills it.
package final class RawEventBuffer: @unchecked Sendable {
    /// What most events of a stretch have in common, so that the next stretch need not say it of each.
    package struct Usual: Hashable, Sendable {
        package let type: String
        package let schemaVersion: Int
    }

    /// The events; their data is not in them but in ``data(of:)``.
    package private(set) var events: [RecordedEvent] = []
    /// How far the stretch reaches.
    package private(set) var through: Int64 = 0
    package private(set) var usual: Usual?
    /// Where each event's data is.
    private var ranges: [Range<Int>] = []

    private var memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
    /// How many bytes were read.
    package private(set) var byteCount = 0
    /// Where each event begins in what was read.
    private var starts: [Int] = []

    package init() {}

    deinit {
        memory.deallocate()
    }

    /// The data of an event, until the next stretch is read.
    package func data(of index: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(memory)[ranges[index]])
    }

    // MARK: - Filling it

    /// Forgets the stretch.
    package func begin() {
        events.removeAll(keepingCapacity: true)
        ranges.removeAll(keepingCapacity: true)
        starts.removeAll(keepingCapacity: true)
        byteCount = 0
    }

    /// Takes in what was read of an event.
    package func append(_ bytes: UnsafeRawBufferPointer) {
        starts.append(byteCount)
        if byteCount + bytes.count > memory.count { grow(to: byteCount + bytes.count) }
        guard let base = memory.baseAddress, let source = bytes.baseAddress else { return }
        (base + byteCount).copyMemory(from: source, byteCount: bytes.count)
        byteCount += bytes.count
    }

    private func grow(to count: Int) {
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: max(count, memory.count * 2), alignment: 16)
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[..<byteCount]))
        memory.deallocate()
        memory = larger
    }

    /// Makes events of what was read.
    ///
    /// - Parameters:
    ///   - end: how far the stretch reaches; nil for its last event.
    ///   - body: makes an event of its bytes, appends it, and returns where in them its data is.
    package func finish(through end: Int64?, _ body: (UnsafeRawBufferPointer, inout [RecordedEvent]) -> Range<Int>) {
        events.reserveCapacity(starts.count)
        ranges.reserveCapacity(starts.count)
        for index in starts.indices {
            let start = starts[index]
            let next = index + 1 < starts.count ? starts[index + 1] : byteCount
            let data = body(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(memory)[start..<next]), &events)
            ranges.append(start + data.lowerBound..<start + data.upperBound)
        }
        through = end ?? events.last?.position ?? 0
        if !events.isEmpty {
            let middle = events[events.count / 2]
            usual = Usual(type: middle.type, schemaVersion: middle.schemaVersion)
        }
    }

    /// Takes in a stretch that was read as whole events.
    fileprivate func take(_ batch: EventBatch) {
        begin()
        for event in batch.events { event.data.withUnsafeBytes { append($0) } }
        var taken = batch.events[...]
        finish(through: batch.through.position) { bytes, events in
            if let event = taken.popFirst() { events.append(event) }
            return 0..<bytes.count
        }
    }
}

/// A log that can leave fields of its events where they are.
package protocol ScanningLog: EventLog {
    /// Reads the wanted events above a position and up to another one, with some of their fields: those up to the end of the
    /// stretch, or fewer if they are large.
    ///
    /// - Parameter maximumBytes: how large the events together may get before the stretch is cut; one event may be larger.
    func scan(
        after position: Int64, through end: Int64, filter: EventFilter, fields: EventFields, maximumBytes: Int,
        into scan: RawEventBuffer
    ) async throws
}

extension EventLog {
    /// Reads as a rebuild does, whatever the log.
    package func read(
        after position: Int64, through end: Int64, filter: EventFilter, fields: EventFields, maximumBytes: Int,
        into scan: RawEventBuffer
    ) async throws {
        if let log = self as? any ScanningLog {
            return try await log.scan(
                after: position, through: end, filter: filter, fields: fields, maximumBytes: maximumBytes, into: scan)
        }
        scan.take(
            try await read(
                after: Offset(position: position, anchor: nil), through: Offset(position: end, anchor: nil),
                filter: filter, limit: .max))
    }
}
