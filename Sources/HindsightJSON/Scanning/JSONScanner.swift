/// Checks that bytes are JSON (RFC 8259, in UTF-8), and walks the members of an object without building anything.
///
/// ```swift
/// var scanner = try JSONScanner(line)
/// while let member = try scanner.nextMember() {
///     if member.hasKey("stream") { stream = try member.string() }
///     if member.hasKey("data") { payload = Array(member.bytes) }
/// }
/// ```
///
/// Once ``nextMember()`` has returned nil, the whole input has been checked. Keys that occur twice are returned twice.
///
/// - Warning: it points into the bytes that it was given, and must not be used after them.
public struct JSONScanner {
    private var cursor: JSONCursor
    private let base: Int
    private var state = State.first

    private enum State {
        case first
        case following
        case ended
    }

    /// A scanner of the members of an object.
    ///
    /// - Parameters:
    ///   - bytes: one object, perhaps with white space around it.
    ///   - offset: what to add to the reported offsets. Defaults to `0`.
    /// - Throws: ``JSONError`` if the bytes do not begin with an object.
    public init(_ bytes: UnsafeRawBufferPointer, offset: Int = 0) throws(JSONError) {
        base = offset
        do throws(JSONError) {
            cursor = try JSONCursor(bytes.assumingMemoryBound(to: UInt8.self))
            guard cursor.peekToken() == UInt8(ascii: "{") else { throw cursor.error(.expectedObject) }
        } catch {
            throw JSONError(error.code, at: error.offset + offset)
        }
        cursor.next += 1
    }

    /// A scanner of the members of an object that is itself a member. Offsets are those in the whole input.
    ///
    /// - Throws: ``JSONError`` with the code `expectedObject` if the value of the member is not an object.
    public init(_ member: JSONMember) throws(JSONError) {
        try self.init(member.bytes, offset: member.range.lowerBound)
    }

    /// The next member; nil after the last one, when nothing but white space follows the object.
    ///
    /// - Throws: ``JSONError``. The scanner must not be used afterwards.
    public mutating func nextMember() throws(JSONError) -> JSONMember? {
        do {
            return try scanMember()
        } catch {
            throw JSONError(error.code, at: error.offset + base)
        }
    }

    /// Checks that the bytes are exactly one JSON value, perhaps with white space around it.
    ///
    /// - Throws: ``JSONError``, with the offset of the first wrong byte.
    public static func validate(_ bytes: UnsafeRawBufferPointer) throws(JSONError) {
        var cursor = try JSONCursor(bytes.assumingMemoryBound(to: UInt8.self))
        _ = try cursor.takeValue()
        try cursor.takeEnd()
    }

    /// Checks that the bytes are exactly one JSON value, perhaps with white space around it.
    ///
    /// - Throws: ``JSONError``, with the offset of the first wrong byte.
    public static func validate(_ bytes: [UInt8]) throws(JSONError) {
        try bytes.withUnsafeBufferPointer { (buffer) throws(JSONError) in
            try validate(UnsafeRawBufferPointer(buffer))
        }
    }

    private mutating func scanMember() throws(JSONError) -> JSONMember? {
        let token = cursor.peekToken()
        switch state {
        case .ended:
            return nil
        case .first:
            if token == UInt8(ascii: "}") { return try end() }
            state = .following
        case .following:
            if token == UInt8(ascii: "}") { return try end() }
            guard token == UInt8(ascii: ",") else { throw cursor.error(.expectedCommaOrBrace) }
            cursor.next += 1
        }
        guard cursor.peekToken() == UInt8(ascii: "\"") else { throw cursor.error(.expectedKey) }
        let key = cursor.next + 1
        let features = try cursor.takeString()
        let keyLength = cursor.next - 1 - key
        try cursor.takeColon()
        _ = cursor.peekToken()
        let value = cursor.next
        let kind = try cursor.takeValue(depth: 1)
        let start = value - cursor.start
        return JSONMember(
            rawKey: UnsafeRawBufferPointer(start: key, count: keyLength), kind: kind,
            bytes: UnsafeRawBufferPointer(start: value, count: cursor.next - value),
            range: (base + start)..<(base + cursor.offset), keyOffset: base + (key - cursor.start),
            keyFeatures: features)
    }

    private mutating func end() throws(JSONError) -> JSONMember? {
        cursor.next += 1
        try cursor.takeEnd()
        state = .ended
        return nil
    }
}
