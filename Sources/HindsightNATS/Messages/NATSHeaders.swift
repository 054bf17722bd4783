#if NATS
    /// The headers of a message: names with one value or several, in the order in which they were set.
    ///
    /// Names are compared byte for byte, as NATS does.
    ///
    /// Source: <https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-4.md>
    public struct NATSHeaders: Sendable, Equatable, ExpressibleByDictionaryLiteral {
        /// A name and one value.
        public struct Field: Sendable, Equatable {
            /// The name, as it was written.
            public var name: String
            /// The value, without white space around it.
            public var value: String
        }

        private var fields: [Field]

        /// No headers.
        public init() {
            fields = []
        }

        /// Headers in this order; a name can come several times.
        public init(dictionaryLiteral elements: (String, String)...) {
            fields = elements.map { Field(name: $0.0, value: $0.1) }
        }

        /// Whether there is none.
        public var isEmpty: Bool { fields.isEmpty }

        /// The first value of a name. Setting it replaces all values of the name; setting `nil` removes them.
        public subscript(name: String) -> String? {
            get { fields.first { $0.name == name }?.value }
            set {
                fields.removeAll { $0.name == name }
                if let newValue { append(newValue, for: name) }
            }
        }

        /// All values of a name, in order.
        public func values(for name: String) -> [String] {
            fields.filter { $0.name == name }.map(\.value)
        }

        /// Adds a value beside those that the name has.
        public mutating func append(_ value: String, for name: String) {
            fields.append(Field(name: name, value: value))
        }
    }

    extension NATSHeaders: RandomAccessCollection {
        /// The place of the first field.
        public var startIndex: Int { 0 }
        /// Behind the last field.
        public var endIndex: Int { fields.count }
        /// The field at a place.
        public subscript(position: Int) -> Field { fields[position] }
    }

    extension NATSHeaders {
        /// The first line of the headers of a message without a status.
        static let version: StaticString = "NATS/1.0\r\n"

        /// Throws if a name or a value cannot be sent.
        package func check() throws(NATSError) {
            for field in fields {
                guard !field.name.isEmpty,
                    field.name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") })
                else {
                    throw NATSError(
                        .invalidHeader,
                        "the header name \(field.name.debugDescription) is not of visible ASCII characters without a colon"
                    )
                }
                guard !field.value.utf8.contains(where: { $0 == 0x0D || $0 == 0x0A || $0 == 0 }) else {
                    throw NATSError(
                        .invalidHeader,
                        "the value of the header \(field.name) has a line break or a zero byte: encode it")
                }
            }
        }

        /// How many bytes they take in a message, with the line of the version and the empty line.
        package var encodedCount: Int {
            fields.reduce(Self.version.utf8CodeUnitCount + 2) { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 }
        }

        /// Headers as a server sent them. Lines without a colon are passed over.
        package init(parsing bytes: UnsafeRawBufferPointer) {
            fields = []
            HeaderLines.forEach(in: bytes) { name, value in
                fields.append(
                    Field(name: String(decoding: name, as: UTF8.self), value: String(decoding: value, as: UTF8.self)))
                return true
            }
        }
    }
#endif
