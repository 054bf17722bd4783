extension String: PostgresEncodable, PostgresDecodable {
    /// `text`
    @inlinable public static var postgresType: PostgresType { .text }

    /// Appends the UTF-8 bytes.
    @inlinable
    public func encode(into buffer: inout PostgresBuffer) {
        buffer.append(utf8: self)
    }

    /// Appends a `text[]`.
    @inlinable
    public static func encodeArray(_ values: [String], into buffer: inout PostgresBuffer) throws {
        _ = buffer.appendArrayHeader(of: .text, count: values.count)
        try buffer.appendFields(values, byteCount: { $0.utf8.count }) { value, target in
            let copied: Void? = value.utf8.withContiguousStorageIfAvailable { target.copyMemory(from: .init($0)) }
            if copied == nil {
                target.copyBytes(from: value.utf8)
            }
        }
    }

    /// Reads any textual type: `text`, `varchar`, `char`, `name`, `json`, `jsonb`, `xml`, enumerations and other types
    /// that are not built in.
    @inlinable
    public init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws {
        if type.isTextual {
            self = String(decoding: bytes, as: UTF8.self)
        } else {
            self = String(decoding: try PostgresJSONB.text(of: bytes, type: type), as: UTF8.self)
        }
    }
}

extension PostgresType {
    /// Whether the binary form is the text in UTF-8.
    ///
    /// Built-in types have object ids below 16384; of the others, enumerations and most extensions' types are textual.
    @inlinable
    var isTextual: Bool {
        switch self {
        case .text, .varchar, .json, .bpchar, .name, .unknown, .xml, .char:
            true
        default:
            rawValue >= 16384
        }
    }
}
