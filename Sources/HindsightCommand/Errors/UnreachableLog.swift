/// The servers of a log do not answer, or refuse the connection.
struct UnreachableLog: Error, CustomStringConvertible {
    /// Where it should be, without secrets.
    let place: String
    /// What the connection failed with.
    let reason: String

    /// What can be done about it.
    static let remedy =
        "start the server, or mend --log or HINDSIGHT_LOG, and HINDSIGHT_NATS_CREDENTIALS if it wants to know who asks"

    var description: String { "\(place) cannot be reached: \(reason). To do: \(Self.remedy)" }
}
