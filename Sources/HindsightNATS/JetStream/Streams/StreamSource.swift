#if NATS
    /// A stream whose messages another one gets.
    public struct StreamSource: Sendable, Equatable {
        var members: JSONMembers

        /// All messages of a stream.
        ///
        /// - Parameters:
        ///   - name: the stream.
        ///   - sequence: the first message; `nil` for the stream's first.
        ///   - filter: only messages of this subject, wildcards included.
        public init(_ name: String, from sequence: UInt64? = nil, filter: NATSSubject? = nil) {
            members = JSONMembers()
            members["name"] = name
            members["opt_start_seq"] = sequence
            members["filter_subject"] = filter
        }

        /// The stream.
        public var name: String { members["name"] ?? "" }
    }

    extension StreamSource: JSONConvertible {
        init?(json: JSONValue) {
            guard let members = JSONMembers(json: json) else { return nil }
            self.members = members
        }

        var json: JSONValue { members.json }
    }

    /// How a stream changes subjects before it stores messages.
    public struct StreamSubjectTransform: Sendable, Equatable {
        /// Which subjects are changed, wildcards included.
        public var source: NATSSubject
        /// What they become, such as `orders.{{wildcard(1)}}`.
        public var destination: String

        /// A change of subjects.
        public init(source: NATSSubject, destination: String) {
            self.source = source
            self.destination = destination
        }
    }

    extension StreamSubjectTransform: JSONConvertible {
        init?(json: JSONValue) {
            guard let members = JSONMembers(json: json), let destination: String = members["dest"] else { return nil }
            self.init(source: members["src"] ?? ">", destination: destination)
        }

        var json: JSONValue { .object(["src": source.json, "dest": destination.json]) }
    }
#endif
