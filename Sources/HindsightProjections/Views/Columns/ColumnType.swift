public import HindsightPostgres
public import HindsightValues

/// The type of a column in the table: PostgreSQL's, and for `numeric` what restricts it.
@usableFromInline
package struct ColumnType: Hashable, Sendable {
    /// PostgreSQL's type.
    package let postgresType: PostgresType
    /// How many digits in all, and how many after the point; nil for any.
    private let digits: Digits?

    private struct Digits: Hashable, Sendable {
        var precision: Int
        var scale: Int
    }

    /// A type without restriction.
    @usableFromInline
    init(_ type: PostgresType) {
        postgresType = type
        digits = nil
    }

    /// `numeric(precision, scale)`.
    @usableFromInline
    init(precision: Int, scale: Int) {
        precondition(
            (1...ExactDecimal.maximumDigits).contains(precision) && (0...precision).contains(scale),
            """
            numeric(\(precision), \(scale)): the precision is 1 … \(ExactDecimal.maximumDigits), as many digits as an \
            ExactDecimal has, and the scale 0 … the precision
            """)
        postgresType = .numeric
        digits = Digits(precision: precision, scale: scale)
    }

    /// The type as the database writes it, `numeric(12,2)`.
    package var name: String {
        postgresType.name + (digits.map { "(\($0.precision),\($0.scale))" } ?? "")
    }

    /// Refuses a value that the column would round, or could not hold.
    ///
    /// The database rounds without a word; the row in memory would then differ from the one that is stored, and a rebuild
    /// from what was folded on.
    @usableFromInline
    func check(_ value: ExactDecimal) throws {
        guard let digits, !value.fits(precision: digits.precision, scale: digits.scale) else { return }
        var error = PostgresError(
            .encoding,
            "a value has more digits than \(name) holds: round it in the fold, or widen the column in a new version")
        error.detail = "the value is \(value)"
        throw error
    }
}
