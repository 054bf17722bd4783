import HindsightLog

/// The events that concern one row of a traced view, in one stretch of the log: a row of the view that is kept beside it.
struct NotedEvents<Row: ViewRow>: ViewRow {
    /// The traced row's key, as ``ParkedKeyText`` has it.
    var key = ""
    /// The number of the stretch, from 0.
    var stretch: Int64 = 0
    /// Where the events are in it, as ``NotedStretch`` notes them.
    var offsets: [UInt8] = []

    static var table: ViewTable<Self, ViewKeyPair<String, Int64>> {
        ViewTable("\(Row.table.name)_trace", of: Self(), key: (\.key, \.stretch), \.offsets)
    }

    static func key(of texts: [String], at position: Int64) -> Key {
        ViewKeyPair(ParkedKeyText.encode(texts), NotedStretch.number(of: position))
    }
}

extension NotedEvents {
    /// The projection that notes the events of another one, and stops where that one does for its keys.
    static func projection(of traced: ViewProjection<Row>) -> ViewProjection<Self> {
        var notes = ViewProjection(Self.self, version: traced.projectionVersion, lookingAt: traced.fields)
        notes.handlers = traced.handlers.map(handler)
        if traced.parking.maximumKeys != nil, let unreadable = traced.parking.keyOfUnreadable {
            let texts = Row.table.key.texts
            // A key is parked once for each stretch, which must not stop the notes where the view goes on.
            notes.parking = ParkingPolicy(maximumKeys: .max) { event in
                unreadable(event).map { key(of: texts($0), at: event.position) }
            }
        }
        return notes
    }

    private static func handler(_ traced: ViewProjection<Row>.Handler) -> ViewProjection<Self>.Handler {
        ViewProjection<Self>.Handler(traced.events) { plan, decoders in
            let fold = plan.addFold { _, key, row, event in
                if row == nil { row = Self(key: key.first, stretch: key.second) }
                // An event may name a key more than once.
                NotedStretch.note(event.pointee.position, in: &row!.offsets)
            }
            traced.observeKeys(decoders, plan) { keys, event, index, value in
                guard plan.state.pointee.isSound else { return }
                do {
                    for texts in try keys.get() {
                        plan.plan(key(of: texts, at: event.pointee.position), fold: fold, value: value, event: index)
                    }
                    plan.state.pointee.plannedEvents += 1
                } catch {
                    plan.planFailed(at: index, event.pointee, error)
                }
            }
        }
    }
}
