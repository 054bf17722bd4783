#if NATS
    package import HindsightLog

    /// How the names of a log's streams become subjects: `PREFIX.CATEGORY.ID`, always three tokens.
    ///
    /// A name is split at its first `-`. The category is encoded, or `=` if it is empty; the id is `-` and the encoded rest, or `=`
    /// if the name has no `-`. So `order`, `order-` and `order-7` have subjects of their own, and `PREFIX.order.*` is a category.
    /// Bytes other than letters and digits of ASCII, `_` and `-` become `%XX`, because the server takes any byte but white space, and
    /// a dot or a wildcard in a name would be another subject.
    package struct SubjectMapping: Sendable, Equatable {
        /// The first token of the log's subjects.
        package let prefix: String

        package init(prefix: String) {
            self.prefix = prefix
        }

        /// What stands for a part that is not there.
        private static let absent = UInt8(ascii: "=")

        /// The subject of a stream's events.
        package func subject(of stream: StreamName) -> String {
            var bytes = Array(prefix.utf8)
            bytes.reserveCapacity(bytes.count + stream.rawValue.utf8.count + 8)
            bytes.append(UInt8(ascii: "."))
            let name = stream.rawValue.utf8
            let dash = name.firstIndex(of: UInt8(ascii: "-"))
            let category = name[..<(dash ?? name.endIndex)]
            if category.isEmpty { bytes.append(Self.absent) } else { Self.encode(category, into: &bytes) }
            bytes.append(UInt8(ascii: "."))
            if let dash {
                bytes.append(UInt8(ascii: "-"))
                Self.encode(name[name.index(after: dash)...], into: &bytes)
            } else {
                bytes.append(Self.absent)
            }
            return String(decoding: bytes, as: UTF8.self)
        }

        /// The filter of all subjects of streams with this id, in whatever category.
        package func filter(ofID id: String) -> [String] {
            var bytes: [UInt8] = []
            Self.encode(id.utf8, into: &bytes)
            let named = "\(prefix).*.-\(String(decoding: bytes, as: UTF8.self))"
            // A name without a dash has an empty id as well.
            return id.isEmpty ? [named, "\(prefix).*.="] : [named]
        }

        /// All subjects of the log.
        package var all: String { "\(prefix).*.*" }

        /// The name of the stream that a subject belongs to; `nil` if it is none that ``subject(of:)`` makes.
        package func stream(of subject: UnsafeRawBufferPointer) -> StreamName? {
            let prefix = self.prefix.utf8
            guard subject.count > prefix.count + 1, subject.prefix(prefix.count).elementsEqual(prefix),
                subject[prefix.count] == UInt8(ascii: ".")
            else { return nil }
            let rest = UnsafeRawBufferPointer(rebasing: subject[(prefix.count + 1)...])
            guard let dot = rest.firstIndex(of: UInt8(ascii: ".")) else { return nil }
            let category = UnsafeRawBufferPointer(rebasing: rest[..<dot])
            let id = UnsafeRawBufferPointer(rebasing: rest[(dot + 1)...])
            guard let first = id.first, !category.isEmpty else { return nil }
            var name: [UInt8] = []
            name.reserveCapacity(rest.count)
            if !(category.count == 1 && category[0] == Self.absent) {
                // A dash would end the category.
                guard !category.contains(UInt8(ascii: "-")), Self.decode(category, into: &name) else { return nil }
            }
            if first == UInt8(ascii: "-") {
                name.append(first)
                guard Self.decode(UnsafeRawBufferPointer(rebasing: id[1...]), into: &name) else { return nil }
            } else {
                guard id.count == 1, first == Self.absent else { return nil }
            }
            guard let text = String(validating: name, as: UTF8.self) else { return nil }
            return StreamName(text)
        }

        private static func isPlain(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }

        private static func encode(_ text: some Sequence<UInt8>, into bytes: inout [UInt8]) {
            for byte in text {
                if isPlain(byte) { bytes.append(byte) } else { PercentText.append(byte, to: &bytes) }
            }
        }

        /// Decodes strictly: what need not be encoded must not be, so that a stream has one subject.
        private static func decode(_ text: UnsafeRawBufferPointer, into bytes: inout [UInt8]) -> Bool {
            var position = 0
            while position < text.count {
                let byte = text[position]
                if isPlain(byte) {
                    bytes.append(byte)
                    position += 1
                } else {
                    guard byte == UInt8(ascii: "%"), let value = PercentText.value(in: text, at: position),
                        !isPlain(value)
                    else {
                        return false
                    }
                    bytes.append(value)
                    position += 3
                }
            }
            return true
        }
    }
#endif
