#if NATS
    /// A time of a server: nanoseconds since 1970.
    public struct JetStreamTime: Sendable, Hashable, Comparable {
        /// Nanoseconds since the beginning of 1970, in UTC, without leap seconds.
        public let nanoseconds: Int64

        /// A time.
        ///
        /// - Parameter nanoseconds: since the beginning of 1970.
        public init(nanoseconds: Int64) {
            self.nanoseconds = nanoseconds
        }

        /// A time as servers write it, such as `2026-11-27T00:09:54.178052252Z`, exactly.
        ///
        /// - Parameter text: a time of RFC 3339, with a `T` and with `Z` or an offset. `nil` for anything else, and for a time
        ///   that is not between 1677 and 2262, such as the year 1, with which servers say that there is none.
        public init?(_ text: String) {
            guard let nanoseconds = Array(text.utf8).withUnsafeBytes({ RFC3339.nanoseconds(in: $0) }) else {
                return nil
            }
            self.nanoseconds = nanoseconds
        }

        init?(parsing bytes: UnsafeRawBufferPointer) {
            guard let nanoseconds = RFC3339.nanoseconds(in: bytes) else { return nil }
            self.nanoseconds = nanoseconds
        }

        /// Whether it is before the other one.
        public static func < (one: Self, other: Self) -> Bool { one.nanoseconds < other.nanoseconds }
    }

    extension JetStreamTime: CustomStringConvertible {
        /// The time as servers write it, with all nine digits of the fraction.
        public var description: String { RFC3339.text(nanoseconds: nanoseconds) }
    }

    extension JetStreamTime: JSONConvertible {
        init?(json: JSONValue) {
            guard let text = String(json: json) else { return nil }
            self.init(text)
        }

        var json: JSONValue { .string(description) }
    }
#endif
