#if NATS
    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    /// The members of a JSON object.
    package struct JSONMembers: Sendable, Equatable, JSONConvertible {
        package private(set) var values: [String: JSONValue]

        package init(_ values: [String: JSONValue] = [:]) {
            self.values = values
        }

        package init?(json: JSONValue) {
            guard case .object(let values) = json else { return nil }
            self.values = values
        }

        package var json: JSONValue { .object(values) }

        /// A member as a value of a type; `nil` if there is none of that type.
        subscript<Value: JSONConvertible>(_ name: String) -> Value? {
            get { values[name].flatMap { Value(json: $0) } }
            set { values[name] = newValue?.json }
        }

        /// A number that is no limit if it is 0 or less, which is how servers write it.
        subscript(limit name: String) -> Int? {
            get { (self[name] as Int?).flatMap { $0 > 0 ? $0 : nil } }
            set { self[name] = newValue }
        }

        /// A time that is no limit if it is 0.
        subscript(limit name: String) -> Duration? {
            get { (self[name] as Duration?).flatMap { $0 > .zero ? $0 : nil } }
            set { self[name] = newValue }
        }

        /// A flag that is `false` if it is not there.
        subscript(flag name: String) -> Bool {
            get { self[name] ?? false }
            set { self[name] = newValue }
        }
    }

    extension JSONMembers {
        /// The object that an answer carries.
        package init(of answer: NATSMessage, _ what: String) throws(JetStreamError) {
            do {
                let bytes = answer.withPayload { Data($0) }
                values = try JSONDecoder().decode([String: JSONValue].self, from: bytes)
            } catch {
                throw JetStreamError(.unexpectedAnswer, "\(what): the answer is not an object of JSON")
            }
        }

        /// The object as bytes.
        package func encoded() throws(JetStreamError) -> [UInt8] {
            do {
                return Array(try JSONEncoder().encode(values))
            } catch {
                throw JetStreamError(.invalidRequest, "a request cannot be written as JSON: \(error)")
            }
        }
    }
#endif
