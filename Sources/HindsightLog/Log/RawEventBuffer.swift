/// The buffer into which a reader reads one range after another: events without unused fields, with their data left
/// where it was read.
///
/// Its memory is reused for the next range: allocating megabytes for each one took a twentieth of the time.
///
/// ## Filling it
/// A log that has whole events calls ``take(_:through:)``. A log that has bytes calls ``begin()``, ``append(_:outside:)`` with
/// the bytes of each event, in order, and ``finish(through:_:)`` with a closure that makes events from them.
///
/// `@unchecked Sendable`: it belongs to one reader, which waits while the log fills it.
public final class RawEventBuffer: @unchecked Sendable {
    /// The values that most events of a range share, so that the next range need not repeat them for each event.
    public struct Usual: Hashable, Sendable {
        /// The type's name.
        public let type: String
        /// The version of the type's shape.
        public let schemaVersion: Int
    }

    /// The events, without their data, which ``data(of:)`` returns.
    public private(set) var events: [RecordedEvent] = []
    /// The position up to which was read: everything up to here is in the buffer.
    public private(set) var through: Int64 = 0
    /// The values that most events of the previous range shared; nil before the first range.
    public private(set) var usual: Usual?
    /// The bytes that were read. One value, so that appending an event is one access to this object: each access is checked
    /// while the program runs.
    private struct Bytes {
        var memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
        var count = 0
        /// The place of each event.
        var places: [Range<Int>] = []

        @inline(__always)
        mutating func append(_ bytes: UnsafeRawBufferPointer) {
            let end = count + bytes.count
            places.append(count..<end)
            if end > memory.count { grow(to: end) }
            guard let base = memory.baseAddress, let source = bytes.baseAddress else { return }
            (base + count).copyMemory(from: source, byteCount: bytes.count)
            count = end
        }

        private mutating func grow(to size: Int) {
            let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: max(size, memory.count * 2), alignment: 16)
            larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[..<count]))
            memory.deallocate()
            memory = larger
        }
    }

    private var bytes = Bytes()
    /// How many bytes of the events are kept elsewhere than in the memory.
    private var outside = 0
    /// The place of each event's data.
    private var ranges: [Range<Int>] = []

    /// Creates an empty buffer.
    public init() {}

    deinit {
        bytes.memory.deallocate()
    }

    /// The number of bytes that were read.
    public var byteCount: Int { bytes.count + outside }

    /// The data of an event, until the next range is read.
    public func data(of index: Int) -> UnsafeRawBufferPointer {
        data[index]
    }

    /// The data of each event, until the next range is read.
    package var data: EventData { EventData(bytes: UnsafeRawBufferPointer(bytes.memory), ranges: ranges) }

    /// The data of the events in a buffer.
    package struct EventData {
        fileprivate let bytes: UnsafeRawBufferPointer
        fileprivate let ranges: [Range<Int>]

        @inline(__always)
        package subscript(index: Int) -> UnsafeRawBufferPointer {
            UnsafeRawBufferPointer(rebasing: bytes[ranges[index]])
        }
    }

    // MARK: - Filling it

    /// Forgets the events that were read.
    public func begin() {
        events.removeAll(keepingCapacity: true)
        ranges.removeAll(keepingCapacity: true)
        bytes.places.removeAll(keepingCapacity: true)
        bytes.count = 0
        outside = 0
    }

    /// Appends the bytes of an event.
    ///
    /// - Parameters:
    ///   - bytes: what the event is made from.
    ///   - outside: how many bytes more the event has, such as its metadata, if they are not made from these. Defaults to none.
    public func append(_ bytes: UnsafeRawBufferPointer, outside: Int = 0) {
        self.bytes.append(bytes)
        self.outside += outside
    }

    /// The number of events whose bytes were appended.
    package var count: Int { bytes.places.count }

    /// Puts events that were appended in another order into that of their positions.
    ///
    /// - Parameter position: finds an event's position in its bytes.
    package func order(by position: (UnsafeRawBufferPointer) -> Int64) {
        let memory = UnsafeRawBufferPointer(bytes.memory)
        let keyed = bytes.places.map { (position: position(UnsafeRawBufferPointer(rebasing: memory[$0])), place: $0) }
        bytes.places = keyed.sorted { $0.position < $1.position }.map(\.place)
    }

    /// Makes events from the bytes that were read.
    ///
    /// - Parameters:
    ///   - end: the position up to which was read; nil for that of the last event.
    ///   - body: makes an event from its bytes, appends it, and returns the place of its data in the bytes.
    public func finish(through end: Int64?, _ body: (UnsafeRawBufferPointer, inout [RecordedEvent]) -> Range<Int>) {
        // Taken out for the loop, which would otherwise check each access to them.
        var (events, ranges) = (self.events, self.ranges)
        (self.events, self.ranges) = ([], [])
        let (memory, places) = (UnsafeRawBufferPointer(bytes.memory), bytes.places)
        events.reserveCapacity(places.count)
        ranges.reserveCapacity(places.count)
        for place in places {
            let data = body(UnsafeRawBufferPointer(rebasing: memory[place]), &events)
            ranges.append(place.lowerBound + data.lowerBound..<place.lowerBound + data.upperBound)
        }
        (self.events, self.ranges) = (events, ranges)
        through = end ?? events.last?.position ?? 0
        if !events.isEmpty {
            let middle = events[events.count / 2]
            usual = Usual(type: middle.type, schemaVersion: middle.schemaVersion)
        }
    }

    /// Takes over whole events.
    ///
    /// - Parameters:
    ///   - events: the wanted events of a range, in order.
    ///   - end: the position up to which was read.
    public func take(_ events: [RecordedEvent], through end: Int64) {
        begin()
        for event in events { event.data.withUnsafeBytes { append($0, outside: event.byteCount - $0.count) } }
        var taken = events[...]
        finish(through: end) { bytes, events in
            if let event = taken.popFirst() { events.append(event) }
            return 0..<bytes.count
        }
    }
}
