#if NATS
    /// Compares what a server says it has done with what it was asked for: an old server passes over settings that it does not
    /// know in silence, and a new one adds defaults and metadata of its own.
    package enum ConfigurationEcho {
        /// Names the members that were asked for and are not so, with both values.
        package static func differences(asked: JSONMembers, echoed: JSONMembers) -> [String] {
            differences(.object(asked.values), .object(echoed.values), at: "")
        }

        /// Throws if something is not as it was asked for.
        package static func check(asked: JSONMembers, echoed: JSONMembers, of what: String) throws(JetStreamError) {
            let differences = differences(asked: asked, echoed: echoed)
            guard !differences.isEmpty else { return }
            throw JetStreamError(
                .configurationMismatch,
                "\(what) is not as it was asked for: \(differences.joined(separator: "; ")). See that the server is new enough"
            )
        }

        private static func differences(_ asked: JSONValue, _ echoed: JSONValue?, at path: String) -> [String] {
            switch (asked, echoed) {
            case (_, nil): return asked.isNothing ? [] : ["\(path) \(shown(asked)) is not there"]
            case (.object(let asked), .object(let echoed)?):
                return asked.keys.sorted().flatMap { name in
                    differences(asked[name] ?? .null, echoed[name], at: path.isEmpty ? name : "\(path).\(name)")
                }
            case (.array(let asked), .array(let echoed)?) where asked.count == echoed.count:
                return asked.indices.flatMap { differences(asked[$0], echoed[$0], at: "\(path)[\($0)]") }
            case (.string(let asked), .string(let echoed)?) where asked != echoed:
                // The server writes a time in its own way.
                if let one = JetStreamTime(asked), one == JetStreamTime(echoed) { return [] }
                return ["\(path) is \(echoed.debugDescription) instead of \(asked.debugDescription)"]
            case (_, let echoed?):
                if asked == echoed || (asked.isNothing && echoed.isNothing) { return [] }
                return ["\(path) is \(shown(echoed)) instead of \(shown(asked))"]
            }
        }

        private static func shown(_ value: JSONValue) -> String {
            switch value {
            case .null: "null"
            case .bool(let value): "\(value)"
            case .integer(let value): "\(value)"
            case .number(let value): "\(value)"
            case .string(let value): value.debugDescription
            case .array(let values): "[\(values.map(shown).joined(separator: ", "))]"
            case .object(let members): "{\(members.keys.sorted().joined(separator: ", "))}"
            }
        }
    }
#endif
