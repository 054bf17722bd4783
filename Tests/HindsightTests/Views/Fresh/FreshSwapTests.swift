import Hindsight
import HindsightPostgres
import Synchronization
import Testing

/// Rows and the position they reflect, while what is shown changes.
@Suite("Fresh reads across swaps", .serialized, .timeLimit(.minutes(4)))
struct FreshSwapTests {
    /// Reads again and again, at least at what was appended last, until told to end.
    private final class Sampler: Sendable {
        let samples = Recorder<Meter.Sample>()
        private let isEnding = Atomic(false)
        let latest = Atomic<Int64>(0)

        func end() { isEnding.store(true, ordering: .relaxed) }

        func run(_ views: Views) async throws {
            var number = 0
            while !isEnding.load(ordering: .relaxed) {
                number += 1
                let wanted = latest.load(ordering: .relaxed)
                let sample: Meter.Sample
                switch number % 3 {
                case 0:
                    let reading = try await views.row(Meter.self, "all", atLeast: wanted, timeout: .seconds(60))
                    sample = .init(position: reading.position, count: reading.value?.count ?? 0)
                case 1:
                    let reading = try await views.fetch(Meter.query, atLeast: wanted, timeout: .seconds(60))
                    sample = .init(position: reading.position, count: reading.rows.first?.count ?? 0)
                default:
                    let reading = try await views.query(
                        "select count from meter where \(number) > 0", of: ["meter"], atLeast: wanted,
                        timeout: .seconds(60))
                    sample = .init(position: reading.position, count: try reading.rows.first?.decode(0) ?? 0)
                }
                #expect(sample.position >= wanted)
                samples.note(sample)
            }
        }
    }

    private func sampling(_ bank: Bank, _ body: (Sampler) async throws -> Void) async throws {
        let sampler = Sampler()
        let views = Views(pool: bank.views)
        let reading = Task {
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for _ in 0..<3 { tasks.addTask { try await sampler.run(views) } }
                try await tasks.waitForAll()
            }
        }
        do {
            try await body(sampler)
        } catch {
            sampler.end()
            _ = await reading.result
            throw error
        }
        sampler.end()
        try await reading.value
        try await Meter.expectTrue(sampler.samples.all, in: bank)
    }

    @Test("Rows are those of the position, across swaps and rollbacks under load")
    func underLoad() async throws {
        try await Bank.open { bank in
            for _ in 0..<50 { try await bank.append(Bank.Deposited(amount: 1), to: "1") }
            try await bank.engine(Meter.projection()).runUntilCaughtUp()
            try await bank.running(bank.engine(Meter.projection())) { _ in
                try await sampling(bank) { sampler in
                    let isAppending = Atomic(true)
                    async let appending: Void = { () async throws -> Void in
                        while isAppending.load(ordering: .relaxed) {
                            let append = try await bank.append(Bank.Deposited(amount: 1), to: "1")
                            sampler.latest.store(append.position, ordering: .relaxed)
                        }
                    }()
                    for round in 0..<5 {
                        try await bank.rebuild(Meter.projection()) { $0.keepsOld = true }
                        let count = sampler.samples.count
                        try await bank.administration(Meter.projection()).rollBack("meter")
                        try await Bank.until("reads go on, round \(round)") { sampler.samples.count >= count + 30 }
                    }
                    isAppending.store(false, ordering: .relaxed)
                    try await appending
                }
            }
        }
    }

    @Test("A rollback to rows that nobody has kept up to date takes the position back with it")
    func backInTime() async throws {
        try await Bank.open { bank in
            try await bank.append(Bank.Deposited(amount: 1), to: "1")
            try await bank.engine(Meter.projection()).runUntilCaughtUp()
            try await bank.rebuild(Meter.projection(version: 2)) { $0.keepsOld = true }
            for _ in 0..<3 { try await bank.append(Bank.Deposited(amount: 1), to: "1") }
            try await bank.engine(Meter.projection(version: 2)).runUntilCaughtUp()
            let administration = bank.administration(Meter.projection(), Meter.projection(version: 2))
            try await sampling(bank) { sampler in
                for _ in 0..<10 {
                    let count = sampler.samples.count
                    try await administration.rollBack("meter")
                    try await Bank.until("reads go on") { sampler.samples.count >= count + 10 }
                }
                #expect(Set(sampler.samples.all) == [.init(position: 1, count: 1), .init(position: 4, count: 4)])
            }
            // Shown is the newer one; the other one has to be brought to the position by an engine.
            let views = Views(pool: bank.views)
            try await administration.rollBack("meter")
            #expect(try await views.count(Meter.query, atLeast: 0).position == 1)
            try await bank.running(bank.engine(Meter.projection(), Meter.projection(version: 2))) { _ in
                let count = try await views.row(Meter.self, "all", atLeast: 4, timeout: .seconds(60)).value?.count
                #expect(count == 4)
            }
        }
    }

    @Test(
        "A swap that commits while a read waits for the view's lock shows it new rows and their position",
        arguments: [false, true])
    func swapWhileLocked(freeSQL: Bool) async throws {
        try await Bank.open { bank in
            for _ in 0..<3 { try await bank.append(Bank.Deposited(amount: 1), to: "1") }
            try await bank.engine(Meter.projection()).runUntilCaughtUp()
            try await bank.script("create table hindsight.other as select id, 1::bigint as count, last from meter")
            let swap = try await OpenTransaction.begin(in: bank.views)
            try await swap.run { session in
                try session.execute("create or replace view meter as select * from hindsight.other")
                try session.execute(
                    "update hindsight.offsets set position = 1 where kind = 'projection' and name = 'meter'")
            }
            let sample = try await bank.asProcess("reader of the meter") { other in
                let views = Views(pool: other.views)
                let task = Task { () async throws -> Meter.Sample in
                    if freeSQL {
                        let reading = try await views.query("select count from meter", of: ["meter"], atLeast: 0)
                        return .init(position: reading.position, count: try reading.rows[0].decode(0))
                    }
                    let reading = try await views.row(Meter.self, "all", atLeast: 0)
                    return .init(position: reading.position, count: reading.value?.count ?? 0)
                }
                try await Bank.until("it waits for the lock") {
                    try await bank.value(
                        """
                        select exists (select from pg_stat_activity
                            where application_name = 'reader of the meter' and wait_event_type = 'Lock')
                        """)
                }
                try await swap.commit()
                return try await task.value
            }
            #expect(sample == Meter.Sample(position: 1, count: 1))
        }
    }

    @Test("A read waits through a reset and a new version, for the rows that are shown in the end")
    func reset() async throws {
        try await Bank.open { bank in
            var configuration = EngineConfiguration()
            configuration.leaseDuration = .seconds(600)
            let views = Views(pool: bank.views, configuration: configuration)
            for _ in 0..<20 { try await bank.append(Bank.Deposited(amount: 1), to: "1") }
            try await bank.running(bank.engine(Meter.projection())) { _ in
                for _ in 0..<5 {
                    try await bank.administration(Meter.projection()).reset("meter")
                    let reading = try await views.row(Meter.self, "all", atLeast: 20, timeout: .seconds(60))
                    #expect(reading.value?.count == 20)
                }
            }
            let append = try await bank.append(Bank.Deposited(amount: 1), to: "1")
            let reading = Task {
                try await views.row(Meter.self, "all", atLeast: append.position, timeout: .seconds(60))
            }
            try await Bank.until("it waits") { views.waitingReads == 1 }
            // The shown version has no engine; the next one takes its place.
            try await bank.running(bank.engine(Meter.projection(version: 2))) { _ in
                let count = try await reading.value.value?.count
                #expect(count == 21)
            }
        }
    }
}
