#if NATS
    /// What a member of a JSON object can be read as and written from.
    protocol JSONConvertible {
        init?(json: JSONValue)
        var json: JSONValue { get }
    }

    extension Bool: JSONConvertible {
        init?(json: JSONValue) {
            guard case .bool(let value) = json else { return nil }
            self = value
        }

        var json: JSONValue { .bool(self) }
    }

    extension Int: JSONConvertible {
        init?(json: JSONValue) {
            guard case .integer(let value) = json else { return nil }
            self.init(value)
        }

        var json: JSONValue { .integer(Int64(self)) }
    }

    extension UInt64: JSONConvertible {
        init?(json: JSONValue) {
            guard case .integer(let value) = json else { return nil }
            self.init(exactly: value)
        }

        var json: JSONValue { .integer(Int64(clamping: self)) }
    }

    extension String: JSONConvertible {
        init?(json: JSONValue) {
            guard case .string(let value) = json else { return nil }
            self = value
        }

        var json: JSONValue { .string(self) }
    }

    /// As nanoseconds.
    extension Duration: JSONConvertible {
        init?(json: JSONValue) {
            guard case .integer(let value) = json else { return nil }
            self = .nanoseconds(value)
        }

        var json: JSONValue { .integer(nanoseconds) }

        /// Whole nanoseconds; more than 292 years are 292 years.
        var nanoseconds: Int64 {
            let (seconds, attoseconds) = components
            let (whole, overflows) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
            return overflows ? (seconds < 0 ? .min : .max) : whole &+ attoseconds / 1_000_000_000
        }
    }

    extension NATSSubject: JSONConvertible {
        init?(json: JSONValue) {
            guard let text = String(json: json) else { return nil }
            self.init(text)
        }

        var json: JSONValue { .string(rawValue) }
    }

    extension Array: JSONConvertible where Element: JSONConvertible {
        init?(json: JSONValue) {
            guard case .array(let values) = json else { return nil }
            self = values.compactMap { Element(json: $0) }
        }

        var json: JSONValue { .array(map(\.json)) }
    }

    extension Dictionary: JSONConvertible where Key == String, Value: JSONConvertible {
        init?(json: JSONValue) {
            guard case .object(let members) = json else { return nil }
            self = members.compactMapValues { Value(json: $0) }
        }

        var json: JSONValue { .object(mapValues(\.json)) }
    }

    extension JSONConvertible where Self: RawRepresentable, RawValue == String {
        init?(json: JSONValue) {
            guard let text = String(json: json) else { return nil }
            self.init(rawValue: text)
        }

        var json: JSONValue { .string(rawValue) }
    }
#endif
