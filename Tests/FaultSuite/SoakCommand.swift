import ArgumentParser
import FaultSuiteCore

struct SoakCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "soak", abstract: "Runs the load without faults, and watches memory and latency.")

    @Argument(help: "For how many hours; also a part of one.") var hours: Double
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let options = SuiteOptions(
            duration: .seconds(hours * 3_600), seed: common.chosenSeed, kinds: [], logs: common.logs, rate: common.rate,
            program: try SuiteProgram.path)
        try await CommonOptions.end { try await SoakRun(options, print: CommonOptions.say).run() }
    }
}
