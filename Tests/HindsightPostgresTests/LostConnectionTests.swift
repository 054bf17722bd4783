import HindsightPostgres
import HindsightTestSupport
import Testing

/// Every wait for the server ends when its connection is gone, in whatever way it went.
@Suite("Lost connections", .timeLimit(.minutes(3)))
struct LostConnectionTests {
    private struct Stop: Error {}

    /// Something to do on a connection that is cut meanwhile.
    struct Work: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let run: @Sendable (inout PostgresSession) throws -> Void
    }

    static let works = [
        Work(testDescription: "copy out") {
            try $0.copyOut("copy (select generate_series(1, 1000000)) to stdout (format binary)") {
                _ in
            }
        },
        Work(testDescription: "copy out that is given up") {
            var count = 0
            try $0.copyOut("copy (select generate_series(1, 100000000)) to stdout (format binary)") { _ in
                count += 1
                if count == 50_000 { throw Stop() }
            }
        },
        Work(testDescription: "copy in") { session in
            try session.script("create temp table t (a int8)")
            _ = try session.copyIn("copy t from stdin (format binary)") { writer in
                // It ends by the lost connection only.
                for number in 0... { try writer.row { try $0.append(number) } }
            }
        },
        Work(testDescription: "rows") { try $0.forEachRow("select generate_series(1, 1000000)") { _ in } },
        Work(testDescription: "query") { _ = try $0.query("select repeat('x', 1000000)") },
        Work(testDescription: "script") { try $0.script("select repeat('x', 1000000)") },
        Work(testDescription: "pipeline") {
            _ = try $0.pipeline(["select repeat('x', 100000)", "select repeat('y', 1000000)", "select 2"])
        },
        Work(testDescription: "large pipeline") {
            let long = String(repeating: "x", count: 1_000_000)
            _ = try $0.pipeline((0..<20).map { _ in "select \(long)" })
        },
    ]

    @Test(arguments: works, [CutWay.close, .reset, .halfClose])
    func endsWhatIsInProgress(_ work: Work, _ way: CutWay) async throws {
        for seed in 1...3 as ClosedRange<UInt64> {
            let policy = CutPolicy([.bytes], bytes: 20_000...100_000, way: way)
            try await CuttingProxy.with(
                inFrontOf: TestServer.conninfo, seed: seed, cutting: policy, at: way == .reset ? .loopback : .unixSocket
            ) { proxy in
                let connection = try await TestServer.connect(PostgresConfiguration(proxy.conninfo))
                let error = try await postgresError { try await connection.withSession { try work.run(&$0) } }
                #expect(error.code == .connectionLost)
                #expect(error.isRetriable)
                #expect(!connection.isUsable)
                #expect(proxy.cuts == [.bytes: 1])
            }
        }
    }

    @Test(arguments: [CutWay.close, .reset, .halfClose])
    func endsWithACutAmidCopyData(_ way: CutWay) async throws {
        for seed in 1...5 as ClosedRange<UInt64> {
            let policy = CutPolicy([.copyData], bytes: 1...3_000_000, way: way)
            try await CuttingProxy.with(
                inFrontOf: TestServer.conninfo, seed: seed, cutting: policy, at: way == .reset ? .loopback : .unixSocket
            ) { proxy in
                let connection = try await TestServer.connect(PostgresConfiguration(proxy.conninfo))
                let error = try await postgresError {
                    try await connection.withSession { try Self.works[0].run(&$0) }
                }
                #expect(error.code == .connectionLost)
                #expect(proxy.cuts == [.copyData: 1])
            }
        }
    }

    /// Cuts one script of all kinds of work at many places, those while connecting included.
    @Test(arguments: [CutWay.close, .reset, .halfClose])
    func endsWhereverItIsCut(_ way: CutWay) async throws {
        let script: @Sendable (inout PostgresSession) throws -> Void = { session in
            try session.script("create temp table t (a int8, b text)")
            _ = try session.pipeline(["insert into t values (1, 'one')", "select * from t"])
            _ = try session.copyIn("copy t from stdin (format binary)") { writer in
                for number in 0..<20 {
                    try writer.row {
                        try $0.append(number); try $0.append("\(number)")
                    }
                }
            }
            try session.copyOut("copy t to stdout (format binary)") { _ in }
            try session.forEachRow("select * from t") { _ in }
            try session.withSavepoint { _ = try $0.query("select count(*) from t") }
        }
        var isThrough = false
        var place = 1
        while !isThrough {
            let policy = CutPolicy([.bytes], bytes: place...place, way: way)
            isThrough = try await CuttingProxy.with(
                inFrontOf: TestServer.conninfo, seed: 1, cutting: policy, at: way == .reset ? .loopback : .unixSocket
            ) { proxy in
                do {
                    let connection = try await TestServer.connect(PostgresConfiguration(proxy.conninfo))
                    try await connection.withTransaction { try script(&$0) }
                } catch let error as PostgresError {
                    #expect([.connectionFailed, .connectionLost, .commitUnknown].contains(error.code), "\(error)")
                    #expect(error.isRetriable != (error.code == .commitUnknown), "\(error)")
                }
                return proxy.cutCount == 0
            }
            place += 83
        }
        #expect(place > 2_000)
    }

    @Test(arguments: [CutWay.close, .reset, .halfClose])
    func isNoticedByAnIdleListener(_ way: CutWay) async throws {
        try await CuttingProxy.with(
            inFrontOf: TestServer.conninfo, seed: 1, cutting: CutPolicy([], way: way),
            at: way == .reset ? .loopback : .unixSocket
        ) { proxy in
            let connection = try await TestServer.connect(PostgresConfiguration(proxy.conninfo))
            let notifications = try await connection.notifications(on: "never")
            proxy.cutAll()
            let error = try await postgresError { for try await _ in notifications {} }
            #expect(error.code == .connectionLost)
            #expect(!connection.isUsable)
            #expect(proxy.cuts == [.onDemand: 1])
        }
    }

    @Test func aPoolGoesOnWithNewConnections() async throws {
        let policy = CutPolicy([.copyData], bytes: 1...1_000_000, limit: 20)
        try await CuttingProxy.with(inFrontOf: TestServer.conninfo, seed: 7, cutting: policy) { proxy in
            let pool = PostgresPool(configuration: PostgresConfiguration(proxy.conninfo), logger: TestServer.logger)
            var losses = 0
            while true {
                do {
                    let count = try await pool.withSession { session throws in
                        var count = 0
                        try session.copyOut(
                            "copy (select generate_series(1, 100000)) to stdout (format binary)"
                        ) { _ in count += 1 }
                        return count
                    }
                    #expect(count == 100_000)
                    break
                } catch let error as PostgresError where error.code == .connectionLost {
                    losses += 1
                }
            }
            #expect(losses == 20)
            await pool.close()
        }
    }
}
