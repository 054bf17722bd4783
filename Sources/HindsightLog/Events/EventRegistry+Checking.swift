/// What a program knows about event types by their names alone.
extension EventRegistry {
    /// The names of the registered types.
    package var typeNames: Set<String> { Set(registered.keys.map(\.type)) }

    /// The newest schema version that is registered for an event type; nil for an unknown type.
    package func schemaVersion(ofType type: String) -> Int? {
        registered.keys.lazy.filter { $0.type == type }.map(\.schemaVersion).max()
    }

    /// The Swift type of a name and schema version.
    ///
    /// - Throws: ``EventDecodingError`` if there is none.
    @discardableResult
    package func shape(_ type: String, _ schemaVersion: Int) throws -> any Event.Type {
        if let shape = registered[Key(type: type, schemaVersion: schemaVersion)] { return shape }
        let known = registered.keys.filter { $0.type == type }.map(\.schemaVersion).sorted()
        throw EventDecodingError(
            known.isEmpty
                ? "event type \(type) is not registered"
                : "schema version \(schemaVersion) is not known, only \(known.map(String.init).joined(separator: ", "))"
        )
    }

    /// Reads an event's data as a projection would: in the shape that its name and schema version stand for, and
    /// through every upcaster from there on.
    ///
    /// - Throws: ``EventDecodingError`` if the shape is not registered; what the codec or an upcaster throws.
    package func check(_ type: String, _ schemaVersion: Int, data: UnsafeRawBufferPointer) throws {
        var value = try decode(try shape(type, schemaVersion), data)
        // Each step is used at most once, so a circle ends.
        for _ in upcasters {
            let source = ObjectIdentifier(Swift.type(of: value))
            guard let step = upcasters.first(where: { $0.source == source }) else { return }
            value = try step.transform(value)
        }
    }

    private func decode<E: Event>(_ type: E.Type, _ data: UnsafeRawBufferPointer) throws -> any Event {
        try codec.decode(type, from: data)
    }
}
