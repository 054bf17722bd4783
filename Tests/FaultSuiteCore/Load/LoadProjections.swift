import Hindsight

/// The projections of all nodes, and what they must come to.
enum LoadProjections {
    /// What a node of a build declares.
    static func all(_ build: Build, _ moments: Moments) -> [any Projection] {
        [
            Tally.projection(moments), Spread.projection, Choosy.projection(build), Journal.projection(moments),
            Ledger.projection(moments),
        ]
    }

    /// Those that are views: they can be rebuilt with a way back.
    static let views = ["tally", "spread"]

    /// The tables of the projections, and of the subscription, by SQL over the events: a query with the columns of the table, in their
    /// order.
    static let recounts = [
        "tally": Tally.recount, "spread": Spread.recount, "choosy": Choosy.recount, "journal": Journal.recount,
        Ledger.passbook.table: Passbook.recount, Courier.passbook.table: Passbook.recount,
    ]

    static let leaseDuration = Duration.seconds(1)

    /// The configuration of everybody who works on them.
    static func configuration(node: String, build: Build) -> EngineConfiguration {
        var configuration = EngineConfiguration()
        configuration.node = node
        configuration.build = build.rawValue
        configuration.leaseDuration = leaseDuration
        configuration.leaseInterval = .milliseconds(100)
        configuration.idleCommitInterval = .milliseconds(200)
        // So that whoever was suspended for seconds catches up, by COPY.
        configuration.catchUpThreshold = 400
        configuration.catchUpBatch = 2_000
        configuration.liveBatch = 200
        return configuration
    }
}
