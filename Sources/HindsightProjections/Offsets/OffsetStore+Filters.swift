import HindsightLog
import HindsightPostgres

extension OffsetStore {
    /// Notes which events a durable subscription wants, unless somebody else has its lease by now.
    func describe(_ key: ShardKey, epoch: Int64, wanting filter: EventFilter) -> SQL {
        let (kind, wanted): (String, [String]) =
            switch filter {
            case .all: ("all", [])
            case .types(let types): ("types", types.sorted())
            case .category(let category): ("category", [category])
            }
        return "select \(sql: call("describe_subscription", "\(sql: row(key)), \(epoch), \(kind), \(wanted)"))"
    }

    /// What ``describe(_:epoch:wanting:)`` has noted; nil if nothing was noted, or by a newer program in a way that this one does not know.
    func filter(kind: String?, names: [String]?) -> EventFilter? {
        switch (kind, names ?? []) {
        case ("all", _): .all
        case ("types", let types): .types(types)
        case ("category", let category) where category.count == 1: .category(category[0])
        default: nil
        }
    }
}
