import HindsightProjections
import Testing

@Suite("Caution after crashes", .timeLimit(.minutes(1)))
struct CrashCautionTests {
    @Test("Without a crash nothing is noted")
    func none() {
        var caution = CrashCaution.none
        #expect(!caution.isOn)
        #expect(caution.noted(of: [1, 2, 3]) == nil)
        let passed3 = caution.passed(3)
        #expect(!passed3)
    }

    @Test("After one crash batches are noted, for a while")
    func batches() {
        var caution = CrashCaution(crashes: 1, suspect: nil, position: 10)
        var batches = 0
        var position: Int64 = 10
        while caution.isOn {
            #expect(caution.noted(of: Array(position + 1...position + 1_000)) == CrashCaution.batchEvents)
            position += Int64(CrashCaution.batchEvents)
            batches += 1
            let hasEnded = caution.passed(position)
            #expect(hasEnded == !caution.isOn)
        }
        // As many events as the largest batch has.
        #expect(batches * CrashCaution.batchEvents == 25_000)
    }

    @Test("Where one died within a noted batch, its events are noted one by one, and no others")
    func events() {
        var caution = CrashCaution(crashes: 2, suspect: 11...20, position: 10)
        #expect(caution.noted(of: [12, 19, 25]) == 1)
        let passed12 = caution.passed(12)
        #expect(!passed12)
        #expect(caution.noted(of: [19, 25]) == 1)
        let passed19 = caution.passed(19)
        #expect(!passed19)
        // What comes next is beyond the batch.
        #expect(caution.noted(of: [25]) == nil)
        let passed25 = caution.passed(25)
        #expect(passed25)
        #expect(!caution.isOn)
    }

    @Test("A batch that was noted and has been committed since is not suspected")
    func passed() {
        let caution = CrashCaution(crashes: 1, suspect: 11...20, position: 20)
        #expect(caution.noted(of: Array(21...30)) == 10)
    }
}
