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
    public var events: [RecordedEvent] { content.events }
    /// The position up to which was read: everything up to here is in the buffer.
    public private(set) var through: Int64 = 0
    /// The values that most events of the previous range shared; nil before the first range.
    public private(set) var usual: Usual?

    /// What was read. One value, so that appending an event is one access to the buffer: each access is checked while the
    /// program runs.
    package struct Content {
        fileprivate var memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
        fileprivate var count = 0
        /// The place of each event.
        fileprivate var places: [Range<Int>] = []
        fileprivate var events: [RecordedEvent] = []
        /// How many bytes of the events are kept elsewhere than in the memory.
        fileprivate var outside = 0

        /// The number of bytes that were read.
        package var byteCount: Int { count + outside }
        /// Whether nothing was appended.
        package var isEmpty: Bool { places.isEmpty }

        /// Appends an event and a copy of its data.
        ///
        /// - Parameters:
        ///   - event: the event, which need not have its data.
        ///   - data: its data.
        ///   - outside: how many bytes more the event has, such as its metadata.
        package mutating func append(_ event: consuming RecordedEvent, data: UnsafeRawBufferPointer, outside: Int) {
            append(data)
            self.outside += outside
            events.append(event)
        }

        @inline(__always)
        fileprivate mutating func append(_ bytes: UnsafeRawBufferPointer) {
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

        fileprivate mutating func removeAll() {
            events.removeAll(keepingCapacity: true)
            places.removeAll(keepingCapacity: true)
            count = 0
            outside = 0
        }
    }

    private var content = Content()
    /// The place of each event's data.
    private var ranges: [Range<Int>] = []

    /// Creates an empty buffer.
    public init() {}

    deinit {
        content.memory.deallocate()
    }

    /// The number of bytes that were read.
    public var byteCount: Int { content.byteCount }

    /// The data of an event, until the next range is read.
    public func data(of index: Int) -> UnsafeRawBufferPointer {
        data[index]
    }

    /// The data of each event, until the next range is read.
    package var data: EventData { EventData(bytes: UnsafeRawBufferPointer(content.memory), ranges: ranges) }

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
        ranges.removeAll(keepingCapacity: true)
        content.removeAll()
    }

    /// Appends events that are made already: for a log that cannot keep the bytes that they are made from.
    ///
    /// - Parameter body: appends them, in order. It must not use the buffer itself.
    package func fill<Value>(_ body: (inout Content) throws -> Value) rethrows -> Value {
        try body(&content)
    }

    /// Appends the bytes of an event.
    ///
    /// - Parameters:
    ///   - bytes: what the event is made from.
    ///   - outside: how many bytes more the event has, such as its metadata, if they are not made from these. Defaults to none.
    public func append(_ bytes: UnsafeRawBufferPointer, outside: Int = 0) {
        content.append(bytes)
        content.outside += outside
    }

    /// The number of events whose bytes were appended.
    package var count: Int { content.places.count }

    /// Puts events that were appended in another order into that of their positions.
    ///
    /// - Parameter position: finds an event's position in its bytes.
    package func order(by position: (UnsafeRawBufferPointer) -> Int64) {
        let memory = UnsafeRawBufferPointer(content.memory)
        let keyed = content.places.map { (position: position(UnsafeRawBufferPointer(rebasing: memory[$0])), place: $0) }
        content.places = keyed.sorted { $0.position < $1.position }.map(\.place)
    }

    /// Makes events from the bytes that were read.
    ///
    /// - Parameters:
    ///   - end: the position up to which was read; nil for that of the last event.
    ///   - body: makes an event from its bytes, appends it, and returns the place of its data in the bytes.
    public func finish(through end: Int64?, _ body: (UnsafeRawBufferPointer, inout [RecordedEvent]) -> Range<Int>) {
        // Taken out for the loop, which would otherwise check each access to them.
        var (events, ranges) = (content.events, self.ranges)
        (content.events, self.ranges) = ([], [])
        let (memory, places) = (UnsafeRawBufferPointer(content.memory), content.places)
        events.reserveCapacity(places.count)
        ranges.reserveCapacity(places.count)
        for place in places {
            let data = body(UnsafeRawBufferPointer(rebasing: memory[place]), &events)
            ranges.append(place.lowerBound + data.lowerBound..<place.lowerBound + data.upperBound)
        }
        (content.events, self.ranges) = (events, ranges)
        finished(through: end ?? events.last?.position ?? 0)
    }

    /// All events are appended that ``fill(_:)`` has to append.
    ///
    /// - Parameter end: the position up to which was read.
    package func finish(through end: Int64) {
        // Their data are all that there is of them, and neither copy need be made again for the next range.
        swap(&ranges, &content.places)
        finished(through: end)
    }

    private func finished(through end: Int64) {
        through = end
        let events = content.events
        guard !events.isEmpty else { return }
        let middle = events[events.count / 2]
        usual = Usual(type: middle.type, schemaVersion: middle.schemaVersion)
    }

    /// Takes over whole events.
    ///
    /// - Parameters:
    ///   - events: the wanted events of a range, in order.
    ///   - end: the position up to which was read.
    public func take(_ events: [RecordedEvent], through end: Int64) {
        begin()
        for event in events {
            event.data.withUnsafeBytes { data in
                content.append(event, data: data, outside: event.byteCount - data.count)
            }
        }
        finish(through: end)
    }
}
