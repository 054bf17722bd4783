import ArgumentParser
import Hindsight
import HindsightPostgres
import HindsightProjections

#if NATS
    import HindsightJetStream
#endif

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// `projections move`: has the views go on over a copy of their log.
struct ProjectionsMoveCommand<App: HindsightApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "move", abstract: "Have the views go on over a copy of their log, without filling them anew.",
            discussion: """
                --log or HINDSIGHT_LOG names the copy, which `events mirror` has made; without them it is the log in the database. End \
                all programs that run over the old log, mirror what is left, move, and start them over the new one.

                The copy is gone through once. Then, in one transaction, all that is stored of positions in the old log names the same \
                events in the copy: the offsets of projections and of durable subscriptions, what they have handled beyond them, parked \
                keys, and the receipts of commands. Ids are compared. Nothing is moved while a process is at work over the old log or a \
                rebuild is unfinished, or if the copy lacks an event.
                """)
    }

    @Flag(help: "Look whether it can be done, and change nothing.")
    var dryRun = false

    @OptionGroup var options: RuntimeOptions

    func run() async throws {
        try await App.withRuntime(options, schema: .require) { runtime in
            let move = try await move(runtime)
            try write(move, to: runtime.output)
            try runtime.output.flush()
            if move.isEmpty {
                return runtime.output.note(
                    "nothing is stored of a log of which this one is a copy: there is nothing to move")
            }
            if dryRun { return runtime.output.note("this can be moved; nothing was changed") }
            let unproven = move.shards.filter { $0.kind == "projection" && !$0.isProvable }.map(\.name)
            guard !unproven.isEmpty else { return }
            runtime.output.note(
                """
                which events they have applied cannot be proven any more of \(unproven.joined(separator: ", ")): this program does not \
                declare them, or nobody could before. `\(runtime.name) projections rebuild NAME` mends that
                """)
        }
    }

    private func move(_ runtime: AppRuntime) async throws -> LogMove {
        #if NATS
            if let log = runtime.log as? JetStreamEventLog {
                let copy = StreamCopy(log: log)
                guard try await copy.source() != nil else {
                    throw CommandError(
                        "\(runtime.logRuntime.place) is no copy of another log: make one with `\(runtime.name) events mirror --to`"
                    )
                }
                return try await runtime.administration.move(to: copy, ends: try await ends(runtime), isTrial: dryRun)
            }
        #endif
        return try await runtime.administration.move(to: NumberedCopy(log: runtime.log), ends: [:], isTrial: dryRun)
    }

    /// The end of the log in the database, if there is one: what comes behind it in no copy would be lost.
    private func ends(_ runtime: AppRuntime) async throws -> [UUID: Offset] {
        let table = PostgresIdentifier(schema: PostgresIdentifier(options.schema), "log_identity").quoted
        let isThere = try await runtime.pool.withSession { session in
            try session.query("select to_regclass(\(table)) is not null")[0].decode(0, as: Bool.self)
        }
        guard isThere else { return [:] }
        let log = LogFactory(pool: runtime.pool, schema: options.schema, logger: runtime.logger).open()
        // Before the end is read: what was committed behind an open append is in no copy, and readers do not see it.
        if let holder = try await log.frontierHolders()?.first {
            throw CommandError(
                "an append to the log in the database is open (\(Self.name(of: holder))), and what was committed since may be in no copy. End it, run `events mirror`, and move then"
            )
        }
        return [try await log.identity(): try await log.frontier()]
    }

    private static func name(of holder: HoldingTransaction) -> String {
        holder.processID.map { "process \($0)" } ?? holder.preparedName.map { "the prepared transaction \($0)" }
            ?? "a transaction"
    }

    private func write(_ move: LogMove, to output: CommandOutput) throws {
        guard !output.isJSON else {
            return try output.write(
                .object([
                    "moved": .array(move.shards.map(Self.fields)), "receipts": .integer(move.receipts),
                    "dry_run": .bool(dryRun),
                ]))
        }
        if !move.shards.isEmpty { try writeShards(of: move, to: output) }
        guard move.receipts > 0 else { return }
        output.note("\(dryRun ? "receipts to move" : "receipts that were moved"): \(Table.grouped(move.receipts))")
    }

    private func writeShards(of move: LogMove, to output: CommandOutput) throws {
        var table = Table([
            .init(name: "kind"), .init(name: "name"), .init(name: "version", alignment: .right),
            .init(name: "before", alignment: .right), .init(name: "position", alignment: .right),
        ]) { try output.write($0) }
        for shard in move.shards {
            try table.append([shard.kind, shard.name, "\(shard.version)", "\(shard.before)", "\(shard.position)"])
        }
        try table.finish()
    }

    private static func fields(_ shard: MovedShard) -> OutputValue {
        .object([
            "kind": .string(shard.kind), "name": .string(shard.name), "version": OutputValue(shard.version),
            "before": .integer(shard.before), "position": .integer(shard.position),
            "provable": .bool(shard.isProvable),
        ])
    }
}
