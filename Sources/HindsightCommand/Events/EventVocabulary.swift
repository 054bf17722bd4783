import Hindsight

/// The event types that an app knows: those that are registered, and those that its projections handle.
package struct EventVocabulary: Sendable {
    private let registry: EventRegistry
    private let names: Set<String>
    private let versions: [String: Int]
    /// What the projections handle: two may read one event as types of their own.
    private let handled: [String: [HandledEvents]]

    /// The vocabulary of an app.
    package init(registry: EventRegistry = EventRegistry(), projections: [any Projection] = []) {
        // Its own memory for decoding, so that other tasks are not slowed down.
        let definitions = projections.map(\.definition)
        let known = registry.including(definitions).unshared()
        self.registry = known
        names = known.typeNames
        handled = definitions.flatMap(\.events).reduce(into: [:]) { handled, events in
            for name in events.storedTypes(known) { handled[name, default: []].append(events) }
        }
        versions = names.reduce(into: [:]) { $0[$1] = known.schemaVersion(ofType: $1) }
    }

    /// Whether an event or a projection of the app has a type of this name.
    package func knows(_ type: String) -> Bool { names.contains(type) }

    /// The schema version of data that comes without one: the app's current version of the type, 1 for a type that it
    /// does not know.
    package func currentVersion(of type: String) -> Int { versions[type] ?? 1 }

    /// The known name that differs least from another one; nil if no type is known.
    package func nearest(to type: String) -> String? {
        names.sorted().min { EditDistance.between($0, type) < EditDistance.between($1, type) }
    }

    /// Reads an event's data as the app's projections would. Data of a type that is not known is not read.
    ///
    /// - Returns: why it cannot be read; nil if it can.
    package func refusal(_ type: String, _ schemaVersion: Int, data: [UInt8]) -> String? {
        guard versions[type] != nil else { return nil }
        do {
            try data.withUnsafeBytes { data in
                guard let handled = handled[type] else { return try registry.check(type, schemaVersion, data: data) }
                try registry.shape(type, schemaVersion)
                for events in handled { try events.check(registry, type, schemaVersion, data) }
            }
            return nil
        } catch {
            return "the data cannot be read as \(type), schema version \(schemaVersion): \(Self.reason(error))"
        }
    }

    /// A description of a decoding error that names the place in the data.
    private static func reason(_ error: any Error) -> String {
        var text = text(error)
        // It is a part of a sentence.
        while text.last == "." { text.removeLast() }
        return text
    }

    private static func text(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return String(describing: error) }
        switch error {
        case .keyNotFound(let key, let context): return "\(place(context.codingPath + [key])) is missing"
        case .valueNotFound(let type, let context): return "\(place(context.codingPath)) is null, not \(type)"
        case .typeMismatch(let type, let context):
            return "\(place(context.codingPath)) is not \(type): \(context.debugDescription)"
        case .dataCorrupted(let context): return "\(place(context.codingPath)): \(context.debugDescription)"
        @unknown default: return String(describing: error)
        }
    }

    private static func place(_ path: [any CodingKey]) -> String {
        guard !path.isEmpty else { return "the value" }
        return "\"" + path.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".") + "\""
    }
}
