import HindsightCommand
import HindsightValues
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite("Ids of events that come without one", .timeLimit(.minutes(1)))
struct EventIdentityTests {
    private let at = Timestamp(microsecondsSince1970: 1_291_191_960_000_000)

    private func id(
        _ identities: inout EventIdentities, stream: String = "order-536365", type: String = "OrderLinePlaced",
        at: Timestamp? = nil, data: String = #"{"sku":"85123A"}"#
    ) -> String {
        identities.next(stream: stream, type: type, at: at ?? self.at, data: Array(data.utf8)).uuidString.lowercased()
    }

    /// The expected ids were reckoned by a program in another language.
    @Test func areTheSameEverywhere() {
        var identities = EventIdentities()
        #expect(id(&identities) == "012ca109-c1c0-7de8-b19a-72ad09aa95d4")
        #expect(id(&identities) == "012ca109-c1c0-72ab-a2c8-61e9b7c0c4da", "the second of two lines that say the same")
        var others = EventIdentities()
        #expect(id(&others) == "012ca109-c1c0-7de8-b19a-72ad09aa95d4")
    }

    @Test func takeTimesBefore1970() {
        var identities = EventIdentities()
        let justBefore = Timestamp(microsecondsSince1970: -500)
        #expect(
            id(&identities, stream: "a-1", type: "T", at: justBefore, data: #"{"x":1}"#)
                == "ffffffff-ffff-7fd2-b09a-9695a4bc9dfb")
        let before = Timestamp(microsecondsSince1970: -1_500)
        #expect(
            id(&identities, stream: "s", type: "T", at: before, data: "1") == "ffffffff-fffe-710f-b62f-fb2a5bfc08cd")
    }

    @Test func differWhenAnythingDiffers() {
        var identities = EventIdentities()
        let ids = [
            id(&identities), id(&identities, stream: "order-536366"), id(&identities, type: "OrderLineCancelled"),
            id(&identities, at: Timestamp(microsecondsSince1970: at.microsecondsSince1970 + 1)),
            id(&identities, data: #"{"sku": "85123A"}"#),
            // The same letters with other borders.
            id(&identities, stream: "ab", type: "c"), id(&identities, stream: "a", type: "bc"),
            id(&identities),
        ]
        #expect(Set(ids).count == ids.count)
    }
}
