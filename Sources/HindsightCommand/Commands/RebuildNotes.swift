import Hindsight

/// Says of rebuilds that are not complete how they are doing, and what can be done about them.
struct RebuildNotes {
    let app: String
    /// The newest version of each projection that this program declares.
    private let versions: [String: Int]

    init(_ runtime: AppRuntime) {
        app = runtime.name
        versions = runtime.projections.definitions.reduce(into: [:]) { versions, projection in
            versions[projection.name] = max(versions[projection.name] ?? 0, projection.version)
        }
    }

    /// A word for a table.
    static func state(_ rebuild: RebuildStatus) -> String {
        if rebuild.node != nil { return "rebuilding" }
        if rebuild.error != nil { return "stopped" }
        return rebuild.isAbandoned ? "abandoned" : rebuild.phase.rawValue
    }

    /// A line for below it.
    func line(_ rebuild: RebuildStatus) -> String {
        let command = "`\(app) projections rebuild \(rebuild.name)"
        let what = "rebuild of \(rebuild.name) version \(rebuild.version): "
        let isOurs = versions[rebuild.name] == rebuild.version
        let otherwise = "; \(command) --cancel` gives it up"
        func further(_ verb: String) -> String {
            isOurs
                ? "\(command)` \(verb)"
                : "\(command)` of the program that declares version \(rebuild.version) \(verb)"
        }
        if let node = rebuild.node {
            return what + "\(rebuild.phase.rawValue), at position \(rebuild.reached) of \(rebuild.goal), by \(node)"
        }
        if let error = rebuild.error {
            return what + "stopped \(error): " + further("tries again when the fold is mended") + otherwise
        }
        guard rebuild.isAbandoned else {
            return what + "verified, waits to be shown: " + further("shows it") + otherwise
        }
        return what
            + """
            abandoned \(rebuild.idleSeconds.ageText) ago at position \(rebuild.reached) of \(rebuild.goal): \
            \(further("goes on from position \(rebuild.checkpoint)"))\(otherwise)
            """
    }
}
