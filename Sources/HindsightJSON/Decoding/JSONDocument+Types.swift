import HindsightValues

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension JSONDocument {
    /// The whole document as a value of a type.
    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        // A type that has asked for a container is none of those below.
        if state.pointee.known?.pointee.container != nil {
            return try T(from: JSONValueDecoder(document: self, index: 0))
        }
        return try decode(type, at: 0)
    }

    /// The value as one of a type. Types that need no decoder of their own get none.
    ///
    /// Each cast follows the comparison that makes it an identity; `as!` would take longer than the rest.
    func decode<T: Decodable>(_ type: T.Type, at index: Int) throws -> T {
        if type == ExactDecimal.self { return unsafeBitCast(try exactDecimal(at: index), to: type) }
        if type == String.self { return unsafeBitCast(try string(at: index), to: type) }
        if type == Int.self { return unsafeBitCast(try integer(Int.self, at: index), to: type) }
        if type == Timestamp.self { return unsafeBitCast(try timestamp(at: index), to: type) }
        if type == UUID.self { return unsafeBitCast(try uuid(at: index), to: type) }
        if type == Day.self { return unsafeBitCast(try day(at: index), to: type) }
        if type == Double.self { return unsafeBitCast(try double(at: index), to: type) }
        if type == Date.self { return unsafeBitCast(try date(at: index), to: type) }
        if type == Decimal.self { return unsafeBitCast(try decimal(at: index), to: type) }
        if type == URL.self { return unsafeBitCast(try url(at: index), to: type) }
        if type == Data.self { return unsafeBitCast(try data(at: index), to: type) }
        if type == Bool.self { return unsafeBitCast(try bool(at: index), to: type) }
        if self[index].kind == .array, let list = type as? any JSONElementList.Type {
            return try decode(type, from: list, at: index)
        }
        return try T(from: JSONValueDecoder(document: self, index: index))
    }

    /// The value as one of a type that is also known as a list.
    private func decode<T, List: JSONElementList>(_ type: T.Type, from list: List.Type, at index: Int) throws -> T {
        unsafeBitCast(try list.elements(of: index, in: self), to: type)
    }

    /// The value of a string.
    ///
    /// - Parameter read: reads it from the bytes, if it has no escapes, as nearly all have none.
    private func value<T>(
        at index: Int, _ error: String, _ read: (UnsafeRawBufferPointer) -> T?
    ) throws -> T {
        let node = self[index]
        guard node.kind == .string else { throw mismatch(String.self, at: index) }
        if !node.features.contains(.escapes) {
            if let value = read(UnsafeRawBufferPointer(bytes(of: node))) { return value }
        } else {
            var text = try string(at: index)
            if let value = text.withUTF8({ read(UnsafeRawBufferPointer($0)) }) { return value }
        }
        throw corrupted(error, at: index)
    }

    private func exactDecimal(at index: Int) throws -> ExactDecimal {
        let node = self[index]
        // Nearly all are numbers, or strings without escapes.
        if node.kind == .number || node.kind == .string && !node.features.contains(.escapes),
            let value = ExactDecimal(utf8: UnsafeRawBufferPointer(bytes(of: node)))
        {
            return value
        }
        let error = "Expected a decimal number of at most 38 digits."
        guard node.kind == .number else { return try value(at: index, error) { ExactDecimal(utf8: $0) } }
        throw corrupted(error, at: index)
    }

    private func timestamp(at index: Int) throws -> Timestamp {
        try value(at: index, "Expected an RFC 3339 instant like 2010-12-01T08:26:00Z.") { Timestamp(utf8: $0) }
    }

    private func day(at index: Int) throws -> Day {
        try value(at: index, "Expected a day like 2010-12-01.") { Day(utf8: $0) }
    }

    private func uuid(at index: Int) throws -> UUID {
        // Foundation reads some more forms than the one that it writes.
        try value(at: index, "Attempted to decode UUID from invalid UUID string.") {
            UUID(utf8: $0) ?? UUID(uuidString: String(decoding: $0, as: UTF8.self))
        }
    }

    private func date(at index: Int) throws -> Date {
        guard !isNull(index) else { throw mismatch(Date.self, at: index) }
        switch state.pointee.dateStrategy {
        case .iso8601:
            return try value(at: index, "Expected date string to be ISO8601-formatted.") { Timestamp(utf8: $0)?.date }
        case .secondsSince1970: return Date(timeIntervalSince1970: try double(at: index))
        case .deferredToDate: return Date(timeIntervalSinceReferenceDate: try double(at: index))
        }
    }

    private func decimal(at index: Int) throws -> Decimal {
        let node = self[index]
        guard node.kind == .number, let value = Decimal(string: String(decoding: bytes(of: node), as: UTF8.self)) else {
            throw numberError(Decimal.self, at: index)
        }
        return value
    }

    private func url(at index: Int) throws -> URL {
        guard !isNull(index) else { throw mismatch(URL.self, at: index) }
        guard let value = URL(string: try string(at: index)) else { throw corrupted("Invalid URL string.", at: index) }
        return value
    }

    private func data(at index: Int) throws -> Data {
        guard !isNull(index) else { throw mismatch(Data.self, at: index) }
        guard let value = Data(base64Encoded: try string(at: index)) else {
            throw corrupted("Encountered Data is not valid Base64.", at: index)
        }
        return value
    }
}
