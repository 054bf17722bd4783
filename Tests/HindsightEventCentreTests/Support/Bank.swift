#if NATS
    import Hindsight
    import HindsightEventCentre
    import HindsightValues

    struct Deposited: Event {
        var amount: Int
    }

    struct Withdrawn: Event {
        var amount: Int
    }

    /// Puts money into an account, as often as it is asked for.
    struct Deposit: Command {
        var account: String
        var amount: Int
    }

    /// Takes money out of an account, if there is enough.
    struct Withdraw: Command {
        var account: String
        var amount: Int
    }

    struct Account: ViewRow {
        var id = ""
        var balance = 0
        var note: String?

        static let table = ViewTable("account", of: Self(), key: \.id, \.balance, \.note)

        static let projection = ViewProjection(Self.self, version: 1)
            .on(Deposited.self) { account, event, _ in account.balance += event.amount }
            .on(Withdrawn.self) { account, event, _ in account.balance -= event.amount }
    }

    enum Bank {
        static let registry = EventRegistry(Deposited.self, Withdrawn.self)

        static func commands(
            _ beforeDeciding: @escaping @Sendable (Withdraw) async throws -> Void = { _ in }
        ) -> CommandRegistry {
            var commands = CommandRegistry()
            commands.on(Deposit.self, stream: { StreamName(category: "account", id: $0.account) }) { command in
                command.amount == 0 ? [] : [Deposited(amount: command.amount)]
            }
            commands.on(
                Withdraw.self, stream: { StreamName(category: "account", id: $0.account) }, state: 0,
                evolve: { balance, event in
                    if let event = try event.decode(Deposited.self) { balance += event.amount }
                    if let event = try event.decode(Withdrawn.self) { balance -= event.amount }
                },
                decide: { command, balance in
                    try await beforeDeciding(command)
                    guard balance >= command.amount else {
                        throw CommandRefusal("\(command.amount) cannot be taken from \(balance)", code: "tooLittle")
                    }
                    return [Withdrawn(amount: command.amount)]
                })
            return commands
        }
    }
#endif
