import Hindsight
import HindsightPostgres
import HindsightTestSupport
import HindsightValues
import Logging

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Three nodes, a server, proxies and the load, ready to be disturbed.
struct Suite: Sendable {
    let options: SuiteOptions
    let folder: SuiteFolder
    let cluster: PrivateTestCluster
    let disk: FullDisk?
    /// Why there is no full disk.
    let diskReason: String
    let fleet: Fleet
    let database: SuiteDatabase
    let operations: ViewOperations
    /// As the nodes have it, but past the proxies.
    let context: ProjectionContext
    let log: PostgresEventLog
    let appender: LoadAppender
    let reader: FreshReader
    let meter: StandstillMeter
    let findings: Findings

    var injector: FaultInjector {
        FaultInjector(
            database: database, fleet: fleet, cluster: cluster, disk: disk,
            moments: Moments(folder: folder.moments, node: "suite"), operations: operations, appender: appender)
    }

    /// Starts everything, runs `body`, and ends everything, in whatever way `body` ends.
    static func with(
        _ options: SuiteOptions, _ folder: SuiteFolder, _ findings: Findings, _ body: (Suite) async throws -> Void
    ) async throws {
        let needsDisk = options.kinds.contains(.fullDisk)
        let (disk, reason) = needsDisk ? try await FullDisk.make(in: folder) : (nil, "")
        let cluster = try await PrivateTestCluster.start(
            environment: disk?.environment ?? [:], in: folder.root)
        let proxies = try (0...FaultSchedule.nodes).map { number in
            try CuttingProxy.start(
                inFrontOf: cluster.conninfo, seed: options.seed &+ UInt64(number), at: .unixSocketIn(folder.root))
        }
        let fleet = Fleet(
            proxies: Array(proxies.dropLast()), program: options.program, folder: folder)
        do {
            let logFile = open(folder.log(of: "suite"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
            let logger = Logger(label: "suite") { _ in LineLogHandler(descriptor: logFile) }
            let direct = pool(cluster.conninfo, logger), operating = pool(proxies[FaultSchedule.nodes].conninfo, logger)
            let suite = try await Suite(
                options, folder, findings, cluster, (disk, reason), fleet, proxies[FaultSchedule.nodes], direct,
                operating, logger)
            try await withRunning(suite.log) { _ in try await body(suite) }
            await direct.close()
            await operating.close()
        } catch {
            await fleet.close()
            await end(cluster, proxies)
            throw error
        }
        await fleet.close()
        await end(cluster, proxies)
    }

    private static func pool(_ conninfo: String, _ logger: Logger) -> PostgresPool {
        var configuration = PostgresConfiguration(conninfo)
        configuration.applicationName = "suite"
        // The nodes are the ones that are tried out: what the suite itself waits would blur how long they stand still.
        configuration.reconnectBackoff = Backoff(initial: .milliseconds(10), maximum: .milliseconds(50))
        return PostgresPool(configuration: configuration, maximumConnections: 12, logger: logger)
    }

    private static func end(_ cluster: PrivateTestCluster, _ proxies: [CuttingProxy]) async {
        for proxy in proxies { await proxy.stop() }
        do {
            try await cluster.crash()
        } catch {
            // Its watchdog ends it when this process has ended.
        }
    }

    private init(
        _ options: SuiteOptions, _ folder: SuiteFolder, _ findings: Findings, _ cluster: PrivateTestCluster,
        _ disk: (disk: FullDisk?, reason: String), _ fleet: Fleet, _ proxy: CuttingProxy, _ direct: PostgresPool,
        _ operating: PostgresPool, _ logger: Logger
    ) async throws {
        let idle = Moments(folder: "\(folder.moments)/none", node: "suite")
        let context = { (pool: PostgresPool) in
            ProjectionContext(
                log: PostgresEventLog(pool: pool, logger: logger), pool: pool,
                projections: LoadProjections.all(.mended, idle),
                configuration: LoadProjections.configuration(node: "suite", build: .mended), logger: logger)
        }
        self.options = options
        self.folder = folder
        self.findings = findings
        self.cluster = cluster
        (self.disk, diskReason) = disk
        self.fleet = fleet
        database = SuiteDatabase(pool: direct)
        operations = ViewOperations(context: context(operating), database: database, proxy: proxy)
        self.context = context(direct)
        log = PostgresEventLog(pool: direct, logger: logger)
        appender = LoadAppender(log, findings, rate: options.rate)
        reader = FreshReader(appender, Views(pool: direct), findings)
        meter = StandstillMeter(database)
        try await ProjectionEngine(self.context).prepare()
        try await database.prepareMoments()
        try await database.prepareCourier()
        try await fleet.startAll()
    }

    /// Runs `body` under load; returns when it has ended, everything is applied and all nodes are drained.
    func underLoad(readingEvery interval: Duration, _ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await appender.run(seed: options.seed) }
            tasks.addTask { await reader.run(every: interval) }
            tasks.addTask { try await reader.listen() }
            do {
                try await database.survive("at the start")
                _ = meter.takeWorst()
                tasks.addTask { await meter.run() }
                try await body()
            } catch {
                tasks.cancelAll()
                throw error
            }
            tasks.cancelAll()
        }
        try await fleet.startAll()
        try await database.survive("at the end")
        try await untilKeptRowsHaveAll()
        await findings.note(try fleet.findFallen())
        for (_, node) in await fleet.nodes { try await fleet.drain(node) }
    }

    /// Waits until what is kept for a way back has everything, too.
    private func untilKeptRowsHaveAll(within limit: Duration = .seconds(60)) async throws {
        let deadline = ContinuousClock.now + limit
        let administration = ProjectionAdministration(context)
        for name in LoadProjections.views {
            while let behind = try await administration.versions(of: name).first(where: {
                $0.role == .kept && $0.lag > 0
            }) {
                guard .now < deadline else {
                    throw FaultFailure(
                        """
                        \(limit) after the end what is kept of \(name) is \(behind.lag) positions behind, with \
                        \(behind.node ?? "nobody")
                        """)
                }
                try await Task.sleep(for: .milliseconds(10))
            }
        }
    }

    /// What the end of a run shows to be wrong.
    func judge() async throws {
        let judge = FinalJudge(database: database, context: context, appended: appender.count)
        findings.note(try await judge.findings())
    }

    /// What the logs show to be wrong. The server's is copied beside the others.
    func judgeLogs() throws {
        findings.note(try LogJudge.findings(in: folder.logs))
        findings.note(LogJudge.serverFindings(try folder.keepServerLog()))
    }
}
