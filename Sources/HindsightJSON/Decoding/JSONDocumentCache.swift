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

    /// A document that nothing else refers to, which has to be put back.
    func take() -> Unmanaged<JSONDocument> {
        let slot =
            first.exchange(nil, ordering: .acquiring) ?? second.exchange(nil, ordering: .acquiring)
            ?? third.exchange(nil, ordering: .acquiring) ?? fourth.exchange(nil, ordering: .acquiring)
        return slot ?? .passRetained(JSONDocument())
    }

    /// Keeps a document for the next decode, if nothing else refers to it; drops it if there are enough.
    func putBack(_ slot: Unmanaged<JSONDocument>) {
        var document = slot.takeRetainedValue()
        guard document.hasContainerBack, isKnownUniquelyReferenced(&document) else { return letGo(document) }
        let slot = Unmanaged.passRetained(consume document)
        guard !store(slot, in: first), !store(slot, in: second), !store(slot, in: third), !store(slot, in: fourth)
        else {
            return
        }
        slot.release()
    }

    /// Leaves a document to those who still refer to it, or to its container.
    @inline(never)
    private func letGo(_ document: JSONDocument) {
        let isContainerKept = !document.hasContainerBack
        document.retire()
        if isContainerKept { JSONKeptDocuments.keep(document) }
    }

    @inline(__always)
    private func store(_ slot: Unmanaged<JSONDocument>, in place: borrowing Atomic<Unmanaged<JSONDocument>?>) -> Bool {
        place.compareExchange(expected: nil, desired: slot, ordering: .releasing).exchanged
    }
}
