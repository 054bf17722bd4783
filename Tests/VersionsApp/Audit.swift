import Hindsight

/// Projections that write tables of their own.
enum Audit {
    /// Its second statement names a type that there is not.
    static let broken = projection(
        "audit", ["create table audit (position bigint primary key)", "create table b (x moneys)"])
    /// The same after a repair.
    static let mended = projection("audit", ["create table audit (position bigint primary key)"])
    static let sound = projection("ledger", ["create table ledger (position bigint primary key)"])

    private static func projection(_ name: String, _ setUp: [String]) -> SQLProjection {
        SQLProjection(name, version: 1, setUp: setUp, clear: ["truncate \(name)"])
            .on(Counted.self) { session, _, context in
                try session.script("insert into \(name) values (\(context.position))")
            }
    }
}
