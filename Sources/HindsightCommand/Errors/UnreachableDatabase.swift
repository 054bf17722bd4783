/// The database that the environment names does not answer, or refuses the connection.
struct UnreachableDatabase: Error, CustomStringConvertible {
    /// Where it should be, without secrets.
    let place: String
    /// What the connection failed with.
    let reason: String

    var description: String { "\(place) cannot be used: \(reason)" }
}
