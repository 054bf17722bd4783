/// What every answer has.
struct AnswerHead: Decodable, Sendable {
    struct Failure: Decodable, Sendable {
        var code: String
        var message: String
        var retriable: Bool

        var value: EventCentreError {
            EventCentreError(EventCentreError.Code(sent: code), message, isRetriable: retriable)
        }
    }

    var v: Int64
    var error: Failure?
}

/// The answer to a command, or to what was done.
struct ReceiptAnswer: Decodable, Sendable {
    var receipt: CommandReceipt
}

/// The answer to a question for a state.
struct StateAnswer<State: Decodable & Sendable>: Decodable, Sendable {
    var state: State
}
