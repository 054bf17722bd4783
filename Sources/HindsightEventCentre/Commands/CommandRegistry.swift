public import HindsightLog

/// The commands that an app takes, each with the function that decides it.
///
/// A handler is a function from a command, and the state of the stream that it concerns, to new events. It may be called
/// more than once for a command, when other events got in between, so its only effect is what it returns.
///
/// ```swift
/// var commands = CommandRegistry()
/// commands.on(PlaceOrder.self, stream: { StreamName(category: "order", id: $0.order) }, state: false) { isPlaced, _ in
///     isPlaced = true
/// } decide: { order, isPlaced in
///     if isPlaced { throw CommandRefusal("order \(order.order) is placed already", code: "placed") }
///     return [OrderPlaced(sku: order.sku)]
/// }
/// ```
public struct CommandRegistry: Sendable {
    /// Decides one command whose content is decoded.
    typealias Work = @Sendable (CommandSituation) async throws -> CommandVerdict

    /// Decodes a command's content, and says how it is decided.
    private var handlers: [String: @Sendable (any EventCodec, [UInt8]) throws -> Work] = [:]

    /// No commands.
    public init() {}

    /// The names of the commands, in order.
    public var names: [String] { handlers.keys.sorted() }

    /// Takes a command whose stream is folded into a state before it is decided. Its events are appended only if nothing has
    /// been appended to the stream meanwhile; otherwise it is decided anew.
    ///
    /// Registering two handlers for a name, or a name that cannot be one, is a programming error and traps.
    ///
    /// - Parameters:
    ///   - type: the command.
    ///   - stream: the stream that a command concerns, which gets its events.
    ///   - initial: the state of a stream without events.
    ///   - evolve: folds an event of the stream into the state.
    ///   - decide: returns the events that are appended, none if there is nothing to do. It throws ``CommandRefusal`` to refuse
    ///     the command for good. Another error is taken for a fault of the program, or of a service if it is a `RetriableError`: the
    ///     command is then not ended, and may be handed in again.
    public mutating func on<C: Command, State: Sendable>(
        _ type: C.Type, stream: @escaping @Sendable (C) -> StreamName, state initial: State,
        evolve: @escaping @Sendable (inout State, HistoricEvent) throws -> Void,
        decide: @escaping @Sendable (C, State) async throws -> [any Event]
    ) {
        register(type) { command, situation in
            let name = try situation.checked(stream(command))
            var state = initial
            let found = try await situation.fold(name) { try evolve(&state, $0) }
            if let repetition = situation.repetition(found.own, name) { return repetition }
            if let conflict = situation.conflict(name, at: found.version) { return conflict }
            return try await situation.verdict(try await decide(command, state), name, readAt: found.version)
        }
    }

    /// Takes a command that is decided without looking at its stream: its events go to the end of it.
    ///
    /// Registering two handlers for a name, or a name that cannot be one, is a programming error and traps.
    ///
    /// - Parameters:
    ///   - type: the command.
    ///   - stream: the stream that gets the command's events.
    ///   - decide: as with a state.
    public mutating func on<C: Command>(
        _ type: C.Type, stream: @escaping @Sendable (C) -> StreamName,
        decide: @escaping @Sendable (C) async throws -> [any Event]
    ) {
        register(type) { command, situation in
            let name = try situation.checked(stream(command))
            var version: Int64?
            if situation.expected != .any {
                let found = try await situation.version(of: name)
                if let conflict = situation.conflict(name, at: found) {
                    // It may be the command itself that has changed the stream.
                    return situation.repetition(try await situation.appended(to: name, at: found), name) ?? conflict
                }
                // What exists exists for ever; nobody is to come in between an exact version.
                version = situation.expected == .exists ? nil : found
            }
            return try await situation.verdict(try await decide(command), name, readAt: version)
        }
    }

    private mutating func register<C: Command>(
        _ type: C.Type, _ decide: @escaping @Sendable (C, CommandSituation) async throws -> CommandVerdict
    ) {
        let name = C.commandName
        precondition(
            CommandName.isUsable(name), "\"\(name)\" is no name of a command: it has 1 to 128 letters, digits, - and _")
        let before = handlers.updateValue(
            { codec, data in
                let command = try codec.decode(C.self, from: data)
                return { situation in
                    do {
                        return try await decide(command, situation)
                    } catch let refusal as CommandRefusal {
                        return .refused(refusal)
                    }
                }
            }, forKey: name)
        precondition(before == nil, "two handlers are registered for the command \(name)")
    }

    /// How a command with this content is decided; nil if there is no such command.
    ///
    /// - Throws: what the codec throws.
    func work(_ name: String, _ data: [UInt8], _ codec: any EventCodec) throws -> Work? {
        try handlers[name]?(codec, data)
    }
}
