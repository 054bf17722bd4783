import HindsightProjections
import Testing

@Suite("The presumption that a new stream's row is new", .timeLimit(.minutes(1)))
struct NewRowPresumptionTests {
    @Test("Is never made where the key is another")
    func impossible() {
        var presumption = NewRowPresumption(isPossible: false)
        #expect(!presumption.isOn)
        presumption.refuted()
        for _ in 0...NewRowPresumption.batchesWithout { presumption.committed() }
        #expect(!presumption.isOn)
    }

    @Test("Ends with a refutation, and comes back after so many batches; each refutation counts anew")
    func comesBack() {
        var presumption = NewRowPresumption(isPossible: true)
        #expect(presumption.isOn)
        for _ in 0..<500 { presumption.committed() }
        #expect(presumption.isOn)
        for _ in 1...3 {
            presumption.refuted()
            for _ in 0..<NewRowPresumption.batchesWithout {
                #expect(!presumption.isOn)
                presumption.committed()
            }
            #expect(presumption.isOn)
        }
        presumption.refuted()
        for _ in 0..<NewRowPresumption.batchesWithout / 2 { presumption.committed() }
        presumption.refuted()
        for _ in 0..<NewRowPresumption.batchesWithout - 1 { presumption.committed() }
        #expect(!presumption.isOn)
        presumption.committed()
        #expect(presumption.isOn)
    }
}
