import Testing

@Suite("Random schedules of a subscription", .timeLimit(.minutes(3)))
struct SubscriptionScheduleTests {
    @Test("Each event has its effect once, in the order of its key, whatever fails (P6, P10)")
    func schedules() {
        for seed in UInt64(1)...2_000 {
            var schedule = SubscriptionSchedule(seed: seed)
            do {
                try schedule.run()
            } catch {
                Issue.record("seed \(seed): \(error)")
                return
            }
        }
    }
}
