#if NATS
    import HindsightJSON
    import HindsightLog
    import HindsightNATS
    import HindsightValues

    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    /// Makes events from the messages of a log's stream.
    ///
    /// A message is looked at as bytes until it is known to be wanted: a type is compared before anything is decoded.
    struct EventDecoder {
        /// A message as it is stored.
        struct Message {
            var position: Int64
            /// When the server stored it.
            var storedAt: Timestamp
            var subject: UnsafeRawBufferPointer
            var headers: UnsafeRawBufferPointer
            var payload: UnsafeRawBufferPointer
        }

        /// Which messages are wanted, as bytes.
        private enum Wanted {
            case all
            case types(Set<[UInt8]>)
            /// What their subjects begin with.
            case category([UInt8])
        }

        private let mapping: SubjectMapping
        private let wanted: Wanted
        private let fields: EventFields
        /// The names of the types that were met, so that each is made once.
        private var types: [[UInt8]: String] = [:]
        private var lastType: (bytes: [UInt8], name: String)?
        private var lastStream: (subject: [UInt8], name: StreamName)?

        init(_ mapping: SubjectMapping, filter: EventFilter = .all, fields: EventFields = .all) {
            self.mapping = mapping
            self.fields = fields
            switch filter {
            case .all: wanted = .all
            case .types(let types): wanted = .types(Set(types.map { Array(PercentText.encode($0).utf8) }))
            // The category of a name ends at its first dash, so no stream has one with a dash.
            case .category(let category) where category.contains("-"): wanted = .types([])
            case .category(let category):
                // The subject of the category's stream without an id, up to the id.
                let subject = mapping.subject(of: StreamName("\(category)-"))
                wanted = .category(Array(subject.utf8.dropLast()))
            }
        }

        /// The places of the headers in a message.
        private struct Places {
            var id: UnsafeRawBufferPointer?
            var version: UnsafeRawBufferPointer?
            var type: UnsafeRawBufferPointer?
            var schemaVersion: UnsafeRawBufferPointer?
            var occurredAt: UnsafeRawBufferPointer?
            var recordedAt: UnsafeRawBufferPointer?
            var correlationID: UnsafeRawBufferPointer?
            var causationID: UnsafeRawBufferPointer?
            var metadata: UnsafeRawBufferPointer?

            init(_ headers: UnsafeRawBufferPointer) {
                // A local copy: `self` cannot be captured before it is whole.
                var found:
                    (
                        UnsafeRawBufferPointer?, UnsafeRawBufferPointer?, UnsafeRawBufferPointer?,
                        UnsafeRawBufferPointer?,
                        UnsafeRawBufferPointer?, UnsafeRawBufferPointer?, UnsafeRawBufferPointer?,
                        UnsafeRawBufferPointer?,
                        UnsafeRawBufferPointer?
                    )
                HeaderLines.forEach(in: headers) { name, value in
                    switch name.count {
                    case 7 where name.equals(EventHeader.type): found.2 = value
                    case 9 where name.equals(EventHeader.schemaVersion): found.3 = value
                    case 10 where name.equals(EventHeader.version): found.1 = value
                    case 11 where name.equals(EventHeader.id): found.0 = value
                    case 11 where name.equals(EventHeader.occurredAt): found.4 = value
                    case 11 where name.equals(EventHeader.recordedAt): found.5 = value
                    case 11 where name.equals(EventHeader.metadata): found.8 = value
                    case 12 where name.equals(EventHeader.causationID): found.7 = value
                    case 14 where name.equals(EventHeader.correlationID): found.6 = value
                    default: break
                    }
                    return true
                }
                (id, version, type, schemaVersion, occurredAt, recordedAt, correlationID, causationID, metadata) = found
            }
        }

        /// The event of a message, if it is wanted.
        ///
        /// - Throws: `unusableLog` for a message that is no event of a log.
        mutating func event(_ message: Message) throws(EventLogError) -> RecordedEvent? {
            if case .category(let prefix) = wanted {
                guard message.subject.hasPrefix(prefix) else { return nil }
            }
            let places = Places(message.headers)
            guard let type = places.type else { throw Self.foreign(message, "it has no header \(EventHeader.type)") }
            // The last one was wanted.
            let isAsBefore = lastType.map { type.equals($0.bytes) } ?? false
            if case .types(let types) = wanted, !isAsBefore {
                guard types.contains(where: type.equals) else { return nil }
            }
            guard let version = places.version.flatMap(Self.number) else {
                throw Self.foreign(message, "it has no usable header \(EventHeader.version)")
            }
            var missing: EventFields = []
            func has(_ field: EventFields) -> Bool {
                guard fields.contains(field) else {
                    missing.formUnion(field)
                    return false
                }
                return true
            }
            // Needed for the anchor of a batch's end, and cheap.
            guard let id = places.id.flatMap(UUID.init(utf8:)) else {
                throw Self.foreign(message, "it has no usable header \(EventHeader.id)")
            }
            let stream = try stream(of: message)
            var occurredAt = Timestamp(microsecondsSince1970: 0)
            if has(.occurredAt) {
                guard let time = places.occurredAt.flatMap(Timestamp.init(header:)) else {
                    throw Self.foreign(message, "it has no usable header \(EventHeader.occurredAt)")
                }
                occurredAt = time
            }
            var recordedAt = message.storedAt
            if has(.recordedAt), let text = places.recordedAt {
                guard let time = Timestamp(header: text) else {
                    throw Self.foreign(message, "its header \(EventHeader.recordedAt) is no time")
                }
                recordedAt = time
            }
            var metadata: [UInt8]?
            if has(.metadata), let text = places.metadata {
                guard let bytes = Self.metadata(text) else {
                    throw Self.foreign(message, "its header \(EventHeader.metadata) is not in base 64")
                }
                metadata = bytes
            }
            return RecordedEvent(
                position: message.position, stream: stream, version: version, id: id, type: try name(of: type, message),
                schemaVersion: places.schemaVersion.flatMap(Self.number).map(Int.init) ?? 1, occurredAt: occurredAt,
                recordedAt: recordedAt,
                correlationID: has(.correlationID) ? try text(places.correlationID, message) : nil,
                causationID: has(.causationID) ? try text(places.causationID, message) : nil,
                data: has(.data) ? [UInt8](message.payload) : [], metadata: metadata, missing: missing)
        }

        /// The id of the event of a message.
        static func id(_ headers: UnsafeRawBufferPointer) -> UUID? {
            Places(headers).id.flatMap(UUID.init(utf8:))
        }

        private mutating func stream(of message: Message) throws(EventLogError) -> StreamName {
            // Events of one stream often follow each other.
            if let lastStream, message.subject.equals(lastStream.subject) { return lastStream.name }
            guard let name = mapping.stream(of: message.subject) else {
                throw Self.foreign(message, "its subject is none of a stream")
            }
            lastStream = ([UInt8](message.subject), name)
            return name
        }

        private mutating func name(
            of bytes: UnsafeRawBufferPointer, _ message: Message
        ) throws(EventLogError) -> String {
            // Events of one type often follow each other.
            if let lastType, bytes.equals(lastType.bytes) { return lastType.name }
            let key = [UInt8](bytes)
            if let known = types[key] {
                lastType = (key, known)
                return known
            }
            guard let name = PercentText.decode(bytes) else { throw Self.foreign(message, "its type is no text") }
            // A program has some hundred types; one that makes them up must not fill the memory.
            if types.count > 10_000 { types = [:] }
            types[key] = name
            lastType = (key, name)
            return name
        }

        private func text(_ bytes: UnsafeRawBufferPointer?, _ message: Message) throws(EventLogError) -> String? {
            guard let bytes else { return nil }
            guard let text = PercentText.decode(bytes) else { throw Self.foreign(message, "a header of it is no text") }
            return text
        }

        private static func metadata(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
            guard text.starts(with: EventHeader.base64Prefix.utf8) else { return [UInt8](text) }
            return Data(base64Encoded: Data(text.dropFirst(EventHeader.base64Prefix.utf8.count))).map { [UInt8]($0) }
        }

        private static func number(_ bytes: UnsafeRawBufferPointer) -> Int64? {
            guard !bytes.isEmpty, bytes.count <= 18 else { return nil }
            var value: Int64 = 0
            for byte in bytes {
                guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
                value = value * 10 + Int64(byte - UInt8(ascii: "0"))
            }
            return value
        }

        private static func foreign(_ message: Message, _ reason: String) -> EventLogError {
            EventLogError(
                .unusableLog,
                "message \(message.position) of the log's stream is no event: \(reason). Only Hindsight may publish to the stream"
            )
        }
    }
#endif
