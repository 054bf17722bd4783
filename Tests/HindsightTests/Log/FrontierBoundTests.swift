import Hindsight
import Testing

/// Steps one and two of reading, without a database.
@Suite("How far a reader may look", .timeLimit(.minutes(1)))
struct FrontierBoundTests {
    private func low(_ floor: Int64) -> UInt32 { UInt32(truncatingIfNeeded: floor) }

    @Test func withoutLocksItIsWhatWasDrawn() {
        let bound = FrontierBound(lastDrawn: 17, floorLowHalves: [])
        #expect(bound.position == 17 && !bound.isHeld)
        let empty = FrontierBound(lastDrawn: 0, floorLowHalves: [])
        #expect(empty.position == 0 && !empty.isHeld)
    }

    @Test func theLowestFloorCounts() {
        let bound = FrontierBound(lastDrawn: 17, floorLowHalves: [16, 3, 9].map(UInt32.init))
        #expect(bound.position == 3 && bound.isHeld)
        #expect(FrontierBound(lastDrawn: 1, floorLowHalves: [0]).position == 0)
    }

    @Test func anAppendThatHasDrawnNothingYetHoldsNothingBack() {
        let bound = FrontierBound(lastDrawn: 17, floorLowHalves: [17])
        #expect(bound.position == 17 && !bound.isHeld)
        // Its lock was taken after the sequence was read.
        #expect(FrontierBound(lastDrawn: 17, floorLowHalves: [40]).position == 17)
    }

    @Test(
        "the low half crosses a border",
        arguments: [1 << 31, 1 << 32, 3 << 31, 1 << 33, 5 << 40, 1 << 62] as [Int64], [-2, -1, 0, 1, 2] as [Int64])
    func borders(_ border: Int64, _ shift: Int64) {
        for distance: Int64 in [0, 1, 2, 3, 1_000, (1 << 31) - 1] {
            let drawn = border + shift
            let floor = drawn - distance
            let bound = FrontierBound(lastDrawn: drawn, floorLowHalves: [low(floor)])
            #expect(bound.position == floor)
            #expect(bound.isHeld == (distance > 0))
            // A floor that was read after the sequence.
            #expect(FrontierBound(lastDrawn: floor, floorLowHalves: [low(drawn)]).position == floor)
        }
    }

    @Test func aFloorIsFoundOnEitherSideOfItsReference() {
        let reference: Int64 = 6 << 32
        for distance: Int64 in [-(1 << 31), -(1 << 31) + 1, -1, 0, 1, (1 << 31) - 1] {
            let floor = reference + distance
            #expect(FrontierBound.floor(lowHalf: low(floor), near: reference) == floor)
        }
    }
}
