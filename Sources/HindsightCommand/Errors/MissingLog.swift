/// There is no log yet where one is looked for.
struct MissingLog: Error, CustomStringConvertible {
    /// Where it should be, without secrets.
    let place: String
    /// The program whose command makes it.
    let program: String

    var description: String {
        "there is no event log in \(place) yet: run `\(program) database migrate` with the same --log, or mend the name of the stream"
    }
}
