import Hindsight

/// `projections rebuild --cancel`: gives up unfinished rebuilds.
enum RebuildCancellation {
    static func cancel(_ names: [String], _ runtime: AppRuntime) async throws {
        for name in names {
            let cancelled = try await runtime.administration.cancelRebuild(of: name)
            let lines = cancelled.map {
                "\(name) version \($0.version): the rebuild is given up, and its tables are gone"
            }
            try runtime.output.result(
                [
                    "name": .string(name),
                    "cancelled": .array(cancelled.map { OutputValue($0.version) }),
                ],
                text: lines.isEmpty ? "\(name): there is no rebuild to cancel" : lines.joined(separator: "\n"))
        }
    }
}
