extension PostgresType: CustomStringConvertible {
    /// The name as it is written in SQL, or `oid N` for a type that is not built in.
    public var name: String {
        Self.known[rawValue]?.name ?? "oid \(rawValue)"
    }

    /// The same as ``name``.
    public var description: String { name }

    /// The type of arrays of this type, or `nil` if it is not known here.
    public var array: PostgresType? {
        Self.known[rawValue]?.array
    }

    private static let known: [UInt32: (name: String, array: PostgresType?)] = {
        let scalars: [(type: PostgresType, name: String, array: UInt32)] = [
            (.bool, "boolean", 1000), (.bytea, "bytea", 1001), (.char, "\"char\"", 1002), (.name, "name", 1003),
            (.int8, "bigint", 1016), (.int2, "smallint", 1005), (.int4, "integer", 1007), (.text, "text", 1009),
            (.oid, "oid", 1028), (.xid, "xid", 1011), (.json, "json", 199), (.xml, "xml", 143), (.float4, "real", 1021),
            (.float8, "double precision", 1022), (.bpchar, "character", 1014), (.varchar, "character varying", 1015),
            (.date, "date", 1182), (.timestamp, "timestamp without time zone", 1115),
            (.timestamptz, "timestamp with time zone", 1185), (.numeric, "numeric", 1231), (.uuid, "uuid", 2951),
            (.jsonb, "jsonb", 3807), (.xid8, "xid8", 271),
        ]
        var known: [UInt32: (name: String, array: PostgresType?)] = [705: ("unknown", nil), 0: ("unspecified", nil)]
        for scalar in scalars {
            known[scalar.type.rawValue] = (scalar.name, PostgresType(rawValue: scalar.array))
            known[scalar.array] = (scalar.name + "[]", nil)
        }
        return known
    }()
}
