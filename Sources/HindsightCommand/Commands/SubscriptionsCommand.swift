import ArgumentParser
import Hindsight

/// `subscriptions`: shows how each durable subscription is doing.
struct SubscriptionsCommand<App: HindsightApplication>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "subscriptions", abstract: "Show how each durable subscription is doing.",
            discussion: """
                All that have ever read this log under a durable name are shown. STATE is live, read by a process and with nothing left to handle; behind, \
                read by a process while events wait; hanging, where that process is connected and has not renewed its lease; unread, where \
                no process reads it; mismatched, where it was read from another log. LAG is how many events it has yet to handle, LAG S how \
                old the oldest of them is in seconds; with ≤ in front of it, what the subscription wants is not known, since no program of this \
                release has read it yet. Whether one stands still, `check` says. It only reads; a role with grant_read() may run it.
                """)
    }

    @OptionGroup var options: RuntimeOptions

    func run() async throws {
        try await App.withRuntime(options, schema: .require) { runtime in
            let list = try await runtime.administration.subscriptions()
            guard !runtime.output.isJSON else {
                return try runtime.output.write(.array(list.map(Self.fields)))
            }
            var table = Table(
                [
                    .init(name: "name"), .init(name: "state"), .init(name: "offset", alignment: .right),
                    .init(name: "lag", alignment: .right), .init(name: "lag s", alignment: .right),
                    .init(name: "handled", alignment: .right),
                    .init(name: "head", alignment: .right, isExpendable: true),
                    .init(name: "reader", isExpendable: true),
                ], layout: runtime.output.statusLayout
            ) { try runtime.output.write($0) }
            for status in list { try table.append(Self.cells(status)) }
            try table.finish()
            for status in list {
                if let mismatch = status.mismatch { try runtime.output.write("\(status.name): \(mismatch)") }
            }
            if list.isEmpty { runtime.output.note("nobody has ever read this log under a durable name") }
        }
    }

    private static func cells(_ status: SubscriptionStatus) -> [String] {
        let lag = status.lag.isExact ? "\(status.lag.events)" : "more than \(Table.grouped(status.lag.events))"
        let bound = status.filter == nil && status.lag.events > 0 ? "≤ " : ""
        return [
            status.name, status.state.rawValue, "\(status.offset)", bound + lag,
            status.lag.seconds > 0 ? ProgressEstimate.text(status.lag.seconds) : "",
            "\(status.handled + status.handledBeyond)", "\(status.head)", status.owner?.node ?? "",
        ]
    }

    private static func fields(_ status: SubscriptionStatus) -> OutputValue {
        .object([
            "name": .string(status.name), "state": .string(status.state.rawValue), "offset": .integer(status.offset),
            "head": .integer(status.head), "handled": .integer(status.handled),
            "handled_beyond": .integer(status.handledBeyond), "lag_events": .integer(status.lag.events),
            "lag_is_exact": .bool(status.lag.isExact), "lag_seconds": .number(status.lag.seconds),
            "lag_is_bound": .bool(status.filter == nil), "filter": filter(status.filter),
            "idle_seconds": .number(status.idleSeconds), "reader": OutputValue(status.owner?.node),
            "mismatch": OutputValue(status.mismatch),
        ])
    }

    private static func filter(_ filter: EventFilter?) -> OutputValue {
        switch filter {
        case nil: .null
        case .all: .object(["all": .bool(true)])
        case .types(let types): .object(["types": .array(types.map { .string($0) })])
        case .category(let category): .object(["category": .string(category)])
        }
    }
}
