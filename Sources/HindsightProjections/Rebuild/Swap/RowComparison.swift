import HindsightPostgres

/// How the rows of a rebuilt view differ from those that are shown.
public struct RowComparison: Hashable, Sendable {
    /// A row that differs.
    public struct Example: Hashable, Sendable {
        /// How a row differs.
        public enum Change: String, Hashable, Sendable {
            /// Both views have it, with different values.
            case changed
            /// Only the new view has it.
            case added
            /// Only the old view has it.
            case missing
        }

        /// How the row differs.
        public var change: Change
        /// The key's columns as JSON.
        public var key: String
        /// The old row's columns as JSON; for a changed row, only those that differ. Nil if the row was added.
        public var old: String?
        /// The new row's columns, likewise. Nil if the row is missing.
        public var new: String?
    }

    /// How many rows are equal in all columns that both versions have.
    public var equal: Int64
    /// How many rows have different values.
    public var changed: Int64
    /// How many rows only the new view has.
    public var added: Int64
    /// How many rows only the old view has.
    public var missing: Int64
    /// The columns that were compared.
    public var columns: [String]
    /// Columns that only the new view has.
    public var newColumns: [String]
    /// Columns that only the old view has.
    public var goneColumns: [String]
    /// Columns that both have, with different types.
    public var retypedColumns: [String]
    /// Examples of rows that differ, at most five of each kind.
    public var examples: [Example]
    /// The position up to which the old rows were folded; the new ones are at ``newOffset``. They are the same unless
    /// nobody keeps the old rows up to date.
    public var oldOffset: Int64
    /// The position up to which the new rows were folded.
    public var newOffset: Int64

    /// True if no row differs.
    public var isEqual: Bool { changed == 0 && added == 0 && missing == 0 }
    /// The columns that were not compared: those that only one of the two has, or that have different types.
    public var otherColumns: [String] { retypedColumns + newColumns + goneColumns }
}

/// Compares two tables by key, in the database.
struct TableComparison: Sendable {
    let shape: ViewShape
    let new: PostgresIdentifier
    let old: PostgresIdentifier

    /// How many examples of each kind are shown.
    private static let exampleCount = 5

    /// The result of a comparison.
    enum Outcome: Sendable {
        case compared(RowComparison)
        /// There are no old rows.
        case nothingShown
        /// The rows cannot be matched, for this reason.
        case impossible(String)

        /// True if the new rows are not what the old ones are, as far as one can tell.
        var differs: Bool {
            switch self {
            // What was not compared may be anything.
            case .compared(let comparison): !comparison.isEqual || !comparison.retypedColumns.isEmpty
            case .nothingShown: false
            case .impossible: true
            }
        }
    }

    func run(oldOffset: Int64, newOffset: Int64, in session: inout PostgresSession) throws -> Outcome {
        let found = try session.query(
            """
            select a.attname::text, format_type(a.atttypid, a.atttypmod),
                coalesce((select a.attnum = any(i.indkey) from pg_index i where i.indrelid = a.attrelid and i.indisprimary), false)
            from pg_attribute a
            where a.attrelid = to_regclass(\(old.quoted)) and a.attnum > 0 and not a.attisdropped order by a.attnum
            """
        ).map {
            (
                name: try $0.decode(0, as: String.self), type: try $0.decode(1, as: String.self),
                isKey: try $0.decode(2, as: Bool.self)
            )
        }
        let key = shape.columns.prefix(shape.keyCount)
        let (newKey, oldKey) = (
            key.map { "\($0.name) \($0.type.name)" }.sorted(),
            found.filter(\.isKey).map { "\($0.name) \($0.type)" }.sorted()
        )
        guard newKey == oldKey else {
            return .impossible(
                "the old rows have the key (\(oldKey.joined(separator: ", "))), the new ones (\(newKey.joined(separator: ", ")))"
            )
        }
        let shared = shape.columns.dropFirst(shape.keyCount).filter { column in
            found.contains { $0.name == column.name && $0.type == column.type.name }
        }
        let (new, old) = (shape.columns.map(\.name), found.map(\.name))
        let known = Set(key.map(\.name) + shared.map(\.name))
        var comparison = RowComparison(
            equal: 0, changed: 0, added: 0, missing: 0, columns: shared.map(\.name),
            newColumns: new.filter { !old.contains($0) }, goneColumns: old.filter { !new.contains($0) },
            retypedColumns: new.filter { old.contains($0) && !known.contains($0) }, examples: [], oldOffset: oldOffset,
            newOffset: newOffset)
        let counts = try session.query(
            """
            select count(*) filter (where \(sql: Self.both) and not \(sql: differs(shared))),
                count(*) filter (where \(sql: Self.both) and \(sql: differs(shared))),
                count(*) filter (where o.ctid is null), count(*) filter (where n.ctid is null)
            from \(sql: joined)
            """)[0]
        comparison.equal = try counts.decode(0)
        comparison.changed = try counts.decode(1)
        comparison.added = try counts.decode(2)
        comparison.missing = try counts.decode(3)
        if comparison.changed > 0 {
            comparison.examples += try examples(
                .changed, "\(sql: Self.both) and \(sql: differs(shared))", shared, in: &session)
        }
        if comparison.added > 0 {
            comparison.examples += try examples(.added, "o.ctid is null", shared, in: &session)
        }
        if comparison.missing > 0 {
            comparison.examples += try examples(.missing, "n.ctid is null", shared, in: &session)
        }
        return .compared(comparison)
    }

    private static let both: SQL = "o.ctid is not null and n.ctid is not null"

    private var joined: SQL {
        "\(identifier: old) o full join \(identifier: new) n on \(sql: shape.keyMatch("o", "n"))"
    }

    private func differs(_ columns: [ViewShape.Column]) -> SQL {
        guard !columns.isEmpty else { return "false" }
        return "(\(sql: values(columns, "o"))) is distinct from (\(sql: values(columns, "n")))"
    }

    /// A row of the columns' values. `json` has no equality, but its text has.
    private func values(_ columns: [ViewShape.Column], _ table: String) -> SQL {
        let list = columns.map { column -> SQL in
            let isJSON = column.type.name == "json"
            return
                "\(unsafeSQL: table).\(identifier: PostgresIdentifier(column.name))\(unsafeSQL: isJSON ? "::text" : "")"
        }.joined()
        return columns.count == 1 ? "row(\(sql: list))" : list
    }

    private func examples(
        _ change: RowComparison.Example.Change, _ condition: SQL, _ columns: [ViewShape.Column],
        in session: inout PostgresSession
    ) throws -> [RowComparison.Example] {
        let key = shape.columns.prefix(shape.keyCount)
        let keys = key.map { column -> SQL in
            let name = PostgresIdentifier(column.name)
            return "\(column.name)::text, coalesce(n.\(identifier: name), o.\(identifier: name))"
        }.joined()
        return try session.query(
            """
            select jsonb_build_object(\(sql: keys))::text,
                case when o.ctid is not null then \(sql: object(columns, "o", change == .changed ? "n" : nil)) end,
                case when n.ctid is not null then \(sql: object(columns, "n", change == .changed ? "o" : nil)) end
            from \(sql: joined) where \(sql: condition) order by 1 limit \(Int64(Self.exampleCount))
            """
        ).map { row in
            RowComparison.Example(
                change: change, key: try row.decode(0), old: try row.decode(1), new: try row.decode(2))
        }
    }

    /// The values as a JSON object; for a changed row, only those that differ from the other row.
    private func object(_ columns: [ViewShape.Column], _ table: String, _ other: String?) -> SQL {
        guard !columns.isEmpty else { return "'{}'" }
        let parts = columns.map { column -> SQL in
            let name: SQL = "\(unsafeSQL: table).\(identifier: PostgresIdentifier(column.name))"
            let object: SQL = "jsonb_build_object(\(column.name)::text, \(sql: name))"
            guard let other else { return object }
            let differs: SQL = "(\(sql: values([column], table))) is distinct from (\(sql: values([column], other)))"
            return "case when \(sql: differs) then \(sql: object) else '{}'::jsonb end"
        }
        return "(\(sql: parts.joined(separator: " || ")))::text"
    }
}
