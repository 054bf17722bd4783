import Hindsight
import Hummingbird

/// Tells a load balancer whether the views are as current as its clients expect: `GET /ready`.
struct ReadinessRoute {
    let administration: ProjectionAdministration

    func add(to router: Router<BasicRequestContext>) {
        router.get("ready") { _, context in
            let projections = try await administration.list()
            let states: [String: String] = projections.reduce(into: [:]) { $0[$1.name] = $1.state.rawValue }
            let status: HTTPResponse.Status = projections.allSatisfy(isCurrent) ? .ok : .serviceUnavailable
            return EditedResponse(status: status, response: states)
        }
    }

    /// A process works on it, this one or another, and it is no more than ten seconds behind.
    private func isCurrent(_ projection: ProjectionStatus) -> Bool {
        switch projection.state {
        case .live: true
        case .catchingUp: projection.lagSeconds < 10
        case .new, .idle, .rebuilding, .paused, .stopped: false
        }
    }
}
