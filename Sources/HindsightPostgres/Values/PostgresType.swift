/// A PostgreSQL type, named by its object id.
public struct PostgresType: RawRepresentable, Hashable, Sendable {
    /// The object id, as in `pg_type.oid`.
    public let rawValue: UInt32

    /// The type with this object id.
    @inlinable
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// Left to the server to infer from the statement.
    @inlinable public static var unspecified: PostgresType { PostgresType(rawValue: 0) }
    /// `boolean`
    @inlinable public static var bool: PostgresType { PostgresType(rawValue: 16) }
    /// `bytea`
    @inlinable public static var bytea: PostgresType { PostgresType(rawValue: 17) }
    /// `"char"`, one byte
    @inlinable public static var char: PostgresType { PostgresType(rawValue: 18) }
    /// `name`
    @inlinable public static var name: PostgresType { PostgresType(rawValue: 19) }
    /// `bigint`
    @inlinable public static var int8: PostgresType { PostgresType(rawValue: 20) }
    /// `smallint`
    @inlinable public static var int2: PostgresType { PostgresType(rawValue: 21) }
    /// `integer`
    @inlinable public static var int4: PostgresType { PostgresType(rawValue: 23) }
    /// `text`
    @inlinable public static var text: PostgresType { PostgresType(rawValue: 25) }
    /// `oid`
    @inlinable public static var oid: PostgresType { PostgresType(rawValue: 26) }
    /// `xid`
    @inlinable public static var xid: PostgresType { PostgresType(rawValue: 28) }
    /// `json`
    @inlinable public static var json: PostgresType { PostgresType(rawValue: 114) }
    /// `xml`
    @inlinable public static var xml: PostgresType { PostgresType(rawValue: 142) }
    /// `real`
    @inlinable public static var float4: PostgresType { PostgresType(rawValue: 700) }
    /// `double precision`
    @inlinable public static var float8: PostgresType { PostgresType(rawValue: 701) }
    /// The type of an untyped string literal
    @inlinable public static var unknown: PostgresType { PostgresType(rawValue: 705) }
    /// `character`, blank-padded
    @inlinable public static var bpchar: PostgresType { PostgresType(rawValue: 1042) }
    /// `character varying`
    @inlinable public static var varchar: PostgresType { PostgresType(rawValue: 1043) }
    /// `date`
    @inlinable public static var date: PostgresType { PostgresType(rawValue: 1082) }
    /// `timestamp without time zone`
    @inlinable public static var timestamp: PostgresType { PostgresType(rawValue: 1114) }
    /// `timestamp with time zone`
    @inlinable public static var timestamptz: PostgresType { PostgresType(rawValue: 1184) }
    /// `numeric`
    @inlinable public static var numeric: PostgresType { PostgresType(rawValue: 1700) }
    /// `uuid`
    @inlinable public static var uuid: PostgresType { PostgresType(rawValue: 2950) }
    /// `jsonb`
    @inlinable public static var jsonb: PostgresType { PostgresType(rawValue: 3802) }
    /// `xid8`
    @inlinable public static var xid8: PostgresType { PostgresType(rawValue: 5069) }
}
