import ArgumentParser
import FaultSuiteCore

/// One of the nodes; the suite starts it.
struct NodeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "node", shouldDisplay: false)

    @Argument var name: String
    @Argument var build: Build
    @Argument var conninfo: String
    @Argument var moments: String

    func run() async throws {
        try await SuiteNode(NodeArguments(name: name, build: build, conninfo: conninfo, moments: moments)).run()
    }
}

extension Build: ExpressibleByArgument {}
