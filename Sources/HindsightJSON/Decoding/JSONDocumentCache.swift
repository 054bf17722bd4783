import Synchronization

/// Documents that no decode is using, so that most decodes allocate none.
final class JSONDocumentCache: Sendable {
    // Each slot owns what it holds: a document goes in retained and comes out with that retain.
    private let first = Atomic<Unmanaged<JSONDocument>?>(nil)
    private let second = Atomic<Unmanaged<JSONDocument>?>(nil)
    private let third = Atomic<Unmanaged<JSONDocument>?>(nil)
    private let fourth = Atomic<Unmanaged<JSONDocument>?>(nil)

    deinit {
        for slot in [
            first.load(ordering: .acquiring), second.load(ordering: .acquiring), third.load(ordering: .acquiring),
            fourth.load(ordering: .acquiring),
        ] {
            slot?.release()
        }
    }

    /// A document that nothing else refers to.
    func take() -> JSONDocument {
        let slot =
            first.exchange(nil, ordering: .acquiring) ?? second.exchange(nil, ordering: .acquiring)
            ?? third.exchange(nil, ordering: .acquiring) ?? fourth.exchange(nil, ordering: .acquiring)
        return slot?.takeRetainedValue() ?? JSONDocument()
    }

    /// Keeps a document, to which nothing else may refer, for the next decode; drops it if there are enough.
    func put(_ document: JSONDocument) {
        let slot = Unmanaged.passRetained(document)
        guard !store(slot, in: first), !store(slot, in: second), !store(slot, in: third), !store(slot, in: fourth)
        else {
            return
        }
        slot.release()
    }

    @inline(__always)
    private func store(_ slot: Unmanaged<JSONDocument>, in place: borrowing Atomic<Unmanaged<JSONDocument>?>) -> Bool {
        place.compareExchange(expected: nil, desired: slot, ordering: .releasing).exchanged
    }
}
