import CLibPQ

extension PostgresError {
    /// The fields of a server's error, under the letters that the protocol gives them.
    enum Field: Character {
        /// Never localized.
        case severity = "V"
        case sqlState = "C"
        case message = "M"
        case detail = "D"
        case hint = "H"
        case table = "t"
        case column = "c"
        case constraint = "n"

        var code: Int32 { Int32(rawValue.asciiValue ?? 0) }
    }

    /// The error that a failed result holds.
    init(result: OpaquePointer, scrubber: SecretScrubber) {
        func field(_ field: Field) -> String? {
            PQresultErrorField(result, field.code).map { scrubber.scrub(String(cString: $0)) }
        }
        let message =
            field(.message) ?? scrubber.scrub(String(cString: PQresultErrorMessage(result)).trimmingLineEnds())
        self.init(.server, message, sqlState: field(.sqlState))
        detail = field(.detail)
        hint = field(.hint)
        table = field(.table)
        column = field(.column)
        constraint = field(.constraint)
    }
}
