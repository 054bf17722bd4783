import Hindsight
import HindsightTestSupport

/// What an operator does to views meanwhile, by way of a proxy.
struct ViewOperations: Sendable {
    let context: ProjectionContext
    let database: SuiteDatabase
    let proxy: CuttingProxy

    private var administration: ProjectionAdministration { ProjectionAdministration(context) }

    /// Rebuilds a projection and swaps it in. The new rows of a view must be those that are shown.
    func rebuild(_ fault: Fault) async throws -> String {
        let name = fault.pick(LoadProjections.views + ["journal"])
        try await rebuild(name, keepsOld: name != "journal")
        return name
    }

    private func rebuild(_ name: String, keepsOld: Bool) async throws {
        var options = RebuildOptions()
        options.keepsOld = keepsOld
        options.verification = keepsOld ? .requireEqual : .none
        for _ in 1...10 {
            let report = try await persistently { [options] in
                try await ProjectionRebuilder(context).rebuild([name], options: options)
            }[0]
            guard report.outcome == .differs else { return }
            guard let comparison = report.comparison, comparison.oldOffset != comparison.newOffset else {
                throw FaultFailure(
                    "\(name) was rebuilt, and its new rows differ: \(String(describing: report.comparison))")
            }
            // Nobody kept the shown rows up to date at that moment: a comparison at another one says more.
        }
        throw FaultFailure("\(name) could not be compared at one offset, in ten rebuilds")
    }

    /// Shows what was shown before a swap; swaps first if nothing was kept.
    func rollBack(_ fault: Fault) async throws -> String {
        let name = fault.pick(LoadProjections.views)
        let versions = try await persistently { try await administration.versions(of: name) }
        if !versions.contains(where: { $0.role == .kept }) { try await rebuild(name, keepsOld: true) }
        _ = try await persistently { try await administration.rollBack(name) }
        return name
    }

    /// Empties a view, which the engine fills again.
    func reset(_ name: String) async throws {
        try await persistently { try await administration.reset(name) }
    }

    /// Tries again while the server is away, or the rows are in use for longer than an operation waits.
    private func persistently<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            do {
                return try await body()
            } catch let error where error.isInterruption && .now < deadline {
                try await Task.sleep(for: .milliseconds(50))
            } catch let error as ProjectionError where "\(error)".contains("for five seconds") && .now < deadline {
                // A node that is suspended in a transaction has them in use.
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }
}
