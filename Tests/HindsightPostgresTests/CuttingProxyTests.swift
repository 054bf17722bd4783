import HindsightPostgres
import HindsightTestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The test tool itself.
@Suite("The cutting proxy", .timeLimit(.minutes(2)))
struct CuttingProxyTests {
    private func count(_ table: String) async throws -> Int {
        let connection = try await TestServer.connect()
        return try await connection.withSession {
            try $0.query("select count(*) from \(identifier: PostgresIdentifier(table))")[0].decode(0)
        }
    }

    private func withTable(_ body: (String) async throws -> Void) async throws {
        let table = "proxied_\(UInt64.random(in: 0 ... .max))"
        let connection = try await TestServer.connect()
        try await connection.withSession {
            try $0.execute("create table \(identifier: PostgresIdentifier(table)) (a int8)")
        }
        try await body(table)
    }

    @Test(arguments: [CuttingProxy.Place.unixSocket, .loopback])
    func passesEverythingUnchanged(_ place: CuttingProxy.Place) async throws {
        try await CuttingProxy.with(inFrontOf: TestServer.conninfo, seed: 1, at: place) { proxy in
            let connection = try await TestServer.connect(PostgresConfiguration(proxy.conninfo))
            let text = String(repeating: "0123456789", count: 300_000)
            let length: Int = try await connection.withTransaction { session throws in
                let echo: String = try session.query("select \(text)")[0].decode(0)
                #expect(echo == text)
                return try session.query("select length(\(text))")[0].decode(0)
            }
            #expect(length == 3_000_000)
            #expect(proxy.cuts.isEmpty)
            #expect(proxy.connectionCount == 1)
        }
    }

    @Test(arguments: [CutKind.beforeCommit, .afterCommit], [false, true])
    func cutsAtACommit(_ kind: CutKind, _ inAPipeline: Bool) async throws {
        try await withTable { table in
            try await CuttingProxy.with(
                inFrontOf: TestServer.conninfo, seed: 1, cutting: CutPolicy([kind], commits: 2...2)
            ) { proxy in
                let connection = try await TestServer.connect(PostgresConfiguration(proxy.conninfo))
                let insert: SQL = "insert into \(identifier: PostgresIdentifier(table)) values (1)"
                let run: @Sendable () async throws -> Void = {
                    if inAPipeline {
                        _ = try await connection.withSession { try $0.pipeline(["begin", insert, "commit"]).count }
                    } else {
                        _ = try await connection.withTransaction { try $0.execute(insert) }
                    }
                }
                try await run()
                let error = try await postgresError { try await run() }
                #expect(error.code == (inAPipeline ? .connectionLost : .commitUnknown))
                #expect(proxy.cuts == [kind: 1])
                #expect(try await count(table) == (kind == .beforeCommit ? 1 : 2))
            }
        }
    }

    @Test func theSameSeedMakesTheSameCuts() async throws {
        func run(_ seed: UInt64) async throws -> [CutKind?] {
            let policy = CutPolicy([.copyData, .beforeCommit, .afterCommit], share: 0.7, bytes: 1...200_000)
            return try await CuttingProxy.with(inFrontOf: TestServer.conninfo, seed: seed, cutting: policy) { proxy in
                var cuts: [CutKind?] = []
                for _ in 0..<20 {
                    let before = proxy.cuts
                    let connection = try await TestServer.connect(PostgresConfiguration(proxy.conninfo))
                    _ = await Task {
                        try await connection.withTransaction { session throws in
                            try session.copyOut(
                                "copy (select generate_series(1, 20000)) to stdout (format binary)"
                            ) { _ in }
                        }
                    }.result
                    cuts.append(CutKind.allCases.first { proxy.cuts[$0] != before[$0] })
                }
                return cuts
            }
        }
        let first = try await run(1)
        #expect(try await run(1) == first)
        #expect(try await run(2) != first)
        #expect(Set(first).count == 4)
    }

    @Test func itCutsNoMoreThanItIsToldAndLeavesNothing() async throws {
        let proxy = try CuttingProxy.start(
            inFrontOf: try await TestServer.conninfo, seed: 1, cutting: CutPolicy([.beforeCommit], limit: 1))
        let lost = try await TestServer.connect(PostgresConfiguration(proxy.conninfo))
        _ = try await postgresError { try await lost.withTransaction { try $0.execute("select 1") } }
        let kept = try await TestServer.connect(PostgresConfiguration(proxy.conninfo))
        try await kept.withTransaction { try $0.execute("select 1") }
        #expect(proxy.cutCount == 1)
        let folder = try #require(proxy.conninfo.split(separator: "host=").last?.split(separator: " ").first)
        #expect(access(String(folder), F_OK) == 0)
        await proxy.stop()
        #expect(access(String(folder), F_OK) != 0)
        let error = try await postgresError { try await kept.withSession { try $0.execute("select 1") } }
        #expect(error.code == .connectionLost)
    }
}
