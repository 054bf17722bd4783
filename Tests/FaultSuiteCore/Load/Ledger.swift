import Hindsight

/// A projection with statements of its own and several keys in flight.
enum Ledger {
    static let passbook = Passbook(table: "ledger")

    static func projection(_ moments: Moments) -> SQLProjection {
        SQLProjection(
            passbook.table, version: 1, setUp: passbook.setUp, clear: ["truncate ledger"],
            keysInFlight: Passbook.keysInFlight
        )
        .on(Bumped.self, key: { $1.stream }) { session, event, context in
            try passbook.enter(event.amount, context, in: &session)
            moments.linger(in: .statements)
        }
    }
}
