/// What a reader of ranges reads into, one after the other: events without the fields that nobody looks at, their data where it
/// was read.
///
/// Its memory serves the next range as well: asking the system for megabytes with each one was a twentieth of the time.
///
/// ## Filling it
/// A log that has whole events calls ``take(_:through:)``. One that has bytes calls ``begin()``, ``append(_:)`` with those of each
/// event, and ``finish(through:_:)`` with a closure that makes the events of them.
///
/// `@unchecked Sendable`: it belongs to one reader, who waits while the log fills it.
public final class RawEventBuffer: @unchecked Sendable {
    /// What most events of a range have in common, so that the next range need not say it of each.
    public struct Usual: Hashable, Sendable {
        /// The type's name.
        public let type: String
        /// The version of the type's shape.
        public let schemaVersion: Int
    }

    /// The events; their data is not in them but in ``data(of:)``.
    public private(set) var events: [RecordedEvent] = []
    /// How far the reading got: everything up to here is in the buffer.
    public private(set) var through: Int64 = 0
    /// What most events of the range before had in common; nil before the first one.
    public private(set) var usual: Usual?
    /// Where each event's data is.
    private var ranges: [Range<Int>] = []

    private var memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
    /// How many bytes were read.
    public private(set) var byteCount = 0
    /// Where each event begins in what was read.
    private var starts: [Int] = []

    /// An empty buffer.
    public init() {}

    deinit {
        memory.deallocate()
    }

    /// The data of an event, until the next range is read.
    public func data(of index: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(memory)[ranges[index]])
    }

    // MARK: - Filling it

    /// Forgets what was read.
    public func begin() {
        events.removeAll(keepingCapacity: true)
        ranges.removeAll(keepingCapacity: true)
        starts.removeAll(keepingCapacity: true)
        byteCount = 0
    }

    /// Takes in what was read of an event.
    public func append(_ bytes: UnsafeRawBufferPointer) {
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
    ///   - end: how far the reading got; nil for the last event.
    ///   - body: makes an event of its bytes, appends it, and returns where in them its data is.
    public func finish(through end: Int64?, _ body: (UnsafeRawBufferPointer, inout [RecordedEvent]) -> Range<Int>) {
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

    /// Takes in whole events.
    ///
    /// - Parameters:
    ///   - events: the wanted events of a range, in order.
    ///   - end: how far the reading got.
    public func take(_ events: [RecordedEvent], through end: Int64) {
        begin()
        for event in events { event.data.withUnsafeBytes { append($0) } }
        var taken = events[...]
        finish(through: end) { bytes, events in
            if let event = taken.popFirst() { events.append(event) }
            return 0..<bytes.count
        }
    }
}
