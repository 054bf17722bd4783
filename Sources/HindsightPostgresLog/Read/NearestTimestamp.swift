import HindsightPostgres
import HindsightValues

/// A time of an event as a log can tell it. Logs from before migration 22 may have `infinity` and years that no ``Timestamp`` has; the
/// nearest instant that there is stands for those, as one such event must not keep anybody from reading all the others.
struct NearestTimestamp: PostgresDecodable {
    let value: Timestamp

    static var postgresType: PostgresType { .timestamptz }

    init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws {
        guard type == .timestamptz, bytes.count == 8 else {
            throw PostgresError(
                .decoding, "the time of an event is no \(PostgresType.timestamptz.name) but a \(type.name)")
        }
        value = Timestamp(nearestToPostgres: Int64(bigEndian: bytes.loadUnaligned(as: Int64.self)))
    }
}
