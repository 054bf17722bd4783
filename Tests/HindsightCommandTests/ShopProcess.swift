import HindsightTestSupport
import Subprocess

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The sample application as a process: what its users see of the command line.
struct ShopProcess: Sendable {
    /// How a command ended and what it wrote.
    struct Outcome: Sendable {
        var status: TerminationStatus
        var output: String
        var error: String

        /// The lines of the output.
        var lines: [String] { output.split(separator: "\n").map(String.init) }

        /// The output as JSON.
        func json<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value {
            try JSONDecoder().decode(type, from: Data(output.utf8))
        }
    }

    private let url: String?
    private let home: String?

    private let app: String
    private let variables: [Environment.Key: String?]
    private let workingFolder: FilePath?

    /// A shop with a database that is named like this.
    ///
    /// - Parameters:
    ///   - app: another program than the shop's.
    ///   - variables: more of its environment.
    init(url: String, app: String = "shop", variables: [Environment.Key: String?] = [:]) {
        precondition(BrokenPipes.handled)
        self.url = url
        self.app = app
        self.variables = variables
        home = nil
        workingFolder = nil
    }

    /// A shop with a private database in a folder.
    init(folder: String, variables: [Environment.Key: String?] = [:]) {
        precondition(BrokenPipes.handled)
        url = nil
        home = folder
        app = "shop"
        self.variables = variables
        workingFolder = nil
    }

    /// A shop that is started in a folder, and finds its private database by itself.
    init(startedIn folder: String) {
        precondition(BrokenPipes.handled)
        url = nil
        home = nil
        app = "shop"
        variables = [:]
        workingFolder = FilePath(folder)
    }

    /// A shop in an empty database of its own.
    static func inOwnDatabase() async throws -> ShopProcess {
        ShopProcess(url: try await TestCluster.shared.makeDatabase())
    }

    /// Runs a command to its end, with text as its standard input.
    func callAsFunction(_ arguments: String..., input: String = "") async throws -> Outcome {
        try await run(arguments, input: input)
    }

    /// Runs a command to its end, with text as its standard input.
    func run(_ arguments: [String], input: String = "") async throws -> Outcome {
        try await run(arguments, bytes: Array(input.utf8))
    }

    /// Runs a command to its end on a terminal: what it reads is what is typed there, and its notes and errors appear
    /// there.
    ///
    /// - Parameter showsResults: whether its results appear there as well; otherwise they are the outcome's output.
    /// - Returns: the outcome, with what the terminal shows as its error.
    func run(
        _ arguments: [String], on terminal: PseudoTerminal, typing text: String = "", showsResults: Bool = false
    ) async throws -> Outcome {
        let device = try terminal.other()
        let reading = terminal.reading()
        let (status, output): (TerminationStatus, String)
        do {
            try terminal.type(text)
            (status, output) = try await run(arguments, on: device, showsResults: showsResults)
        } catch {
            try device.close()
            throw error
        }
        // The reading ends when nobody has the terminal open any more.
        try device.close()
        return Outcome(status: status, output: output, error: Self.shown(await reading.value))
    }

    private func run(
        _ arguments: [String], on device: FileDescriptor, showsResults: Bool
    ) async throws -> (TerminationStatus, String) {
        let (input, error) = (
            FileDescriptorInput.fileDescriptor(device, closeAfterSpawningProcess: false),
            FileDescriptorOutput.fileDescriptor(device, closeAfterSpawningProcess: false)
        )
        guard !showsResults else {
            let result = try await Subprocess.run(
                .path(program), arguments: Arguments(arguments), environment: environment, input: input,
                output: error, error: error)
            return (result.terminationStatus, "")
        }
        let result = try await Subprocess.run(
            .path(program), arguments: Arguments(arguments), environment: environment, input: input,
            output: .string(limit: 1 << 20), error: error)
        return (result.terminationStatus, result.standardOutput)
    }

    /// What a terminal shows, without the carriage returns.
    private static func shown(_ text: String) -> String {
        String(decoding: text.utf8.filter { $0 != UInt8(ascii: "\r") }, as: UTF8.self)
    }

    /// Runs a command to its end, with bytes as its standard input.
    func run(_ arguments: [String], bytes: [UInt8]) async throws -> Outcome {
        let result = try await Subprocess.run(
            .path(program), arguments: Arguments(arguments), environment: environment,
            workingDirectory: workingFolder, input: .inputWriter,
            output: .string(limit: 64 << 20), error: .string(limit: 1 << 20)
        ) { execution in
            let writer = execution.standardInputWriter
            try await Self.finishing(writer) {
                // A command may end without having read it all, and then nobody wants the rest.
                _ = try? await writer.write(bytes)
            }
        }
        return Outcome(status: result.terminationStatus, output: result.standardOutput, error: result.standardError)
    }

    /// Runs a command, signals it when `isDue` returns, and kills it if it has not ended when the time is up.
    func run(
        _ arguments: [String], send signal: Signal, killAfter limit: Duration, when isDue: () async throws -> Void
    ) async throws -> Outcome {
        var kill: Task<Void, any Error>?
        defer { kill?.cancel() }
        let result = try await Subprocess.run(
            .path(program), arguments: Arguments(arguments), environment: environment, input: .none,
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 20)
        ) { execution in
            do {
                try await isDue()
                try execution.send(signal: signal)
            } catch {
                try execution.send(signal: .kill)
                throw error
            }
            return Task {
                try await Task.sleep(for: limit)  // a time limit, not a wait
                try execution.send(signal: .kill)
            }
        }
        kill = result.closureResult
        return Outcome(status: result.terminationStatus, output: result.standardOutput, error: result.standardError)
    }

    /// Runs a command that stands still from the time when `isDue` returns until `isOver` does, and ends it once `isBack` returns.
    func suspended(
        _ arguments: [String], when isDue: () async throws -> Void, until isOver: () async throws -> Void,
        then isBack: () async throws -> Void = {}
    ) async throws -> Outcome {
        let result = try await Subprocess.run(
            .path(program), arguments: Arguments(arguments), environment: environment, input: .none,
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 20)
        ) { execution in
            do {
                try await isDue()
                try execution.send(signal: .suspend)
                try await isOver()
                try execution.send(signal: .resume)
                try await isBack()
                try execution.send(signal: .terminate)
            } catch {
                try execution.send(signal: .kill)
                throw error
            }
        }
        return Outcome(status: result.terminationStatus, output: result.standardOutput, error: result.standardError)
    }

    /// Runs a command to its end and signals it after so many lines on standard output.
    func callAsFunction(_ arguments: String..., send signal: Signal, afterOutput count: Int) async throws -> Outcome {
        let result = try await Subprocess.run(
            .path(program), arguments: Arguments(arguments), environment: environment, input: .none,
            output: .sequence, error: .string(limit: 1 << 20)
        ) { execution in
            var left = count
            return try await Self.read(execution.standardOutput) { _ in
                left -= 1
                if left == 0 { try execution.send(signal: signal) }
            }
        }
        return Outcome(status: result.terminationStatus, output: result.closureResult, error: result.standardError)
    }

    /// Runs a command to its end and signals it after a line with this text on standard error.
    func callAsFunction(_ arguments: String..., send signal: Signal, afterError text: String) async throws -> Outcome {
        let result = try await Subprocess.run(
            .path(program), arguments: Arguments(arguments), environment: environment, input: .none,
            output: .string(limit: 1 << 20), error: .sequence
        ) { execution in
            try await Self.read(execution.standardError) { line in
                if line.contains(text) { try execution.send(signal: signal) }
            }
        }
        return Outcome(status: result.terminationStatus, output: result.standardOutput, error: result.closureResult)
    }

    /// Runs a command that is fed through standard input and killed when `isDue` returns.
    func killed(_ arguments: String..., fed input: String, when isDue: () async throws -> Void) async throws -> Outcome
    {
        try await killed(arguments, fed: input, when: isDue)
    }

    /// Runs a command that is fed through standard input and killed when `isDue` returns.
    func killed(
        _ arguments: [String], fed input: String = "", when isDue: () async throws -> Void
    ) async throws -> Outcome {
        let result = try await Subprocess.run(
            .path(program), arguments: Arguments(arguments), environment: environment, input: .inputWriter,
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 20)
        ) { execution in
            let writer = execution.standardInputWriter
            try await Self.finishing(writer) {
                _ = try await writer.write(input)
                try await isDue()
                try execution.send(signal: .kill)
            }
        }
        return Outcome(status: result.terminationStatus, output: result.standardOutput, error: result.standardError)
    }

    /// Runs a command whose standard input stays open and silent, and signals it after a line with this text on standard
    /// error.
    func silent(_ arguments: String..., send signal: Signal, afterError text: String) async throws -> Outcome {
        let result = try await Subprocess.run(
            .path(program), arguments: Arguments(arguments), environment: environment, input: .inputWriter,
            output: .string(limit: 1 << 20), error: .sequence
        ) { execution in
            try await Self.finishing(execution.standardInputWriter) {
                try await Self.read(execution.standardError) { line in
                    if line.contains(text) { try execution.send(signal: signal) }
                }
            }
        }
        return Outcome(status: result.terminationStatus, output: result.standardOutput, error: result.closureResult)
    }

    /// Runs a command that is fed through standard input, which then stays open, and signalled when `isDue` returns.
    func interrupted(
        _ arguments: [String], fed input: String = "", send signal: Signal, when isDue: () async throws -> Void
    ) async throws -> Outcome {
        let result = try await Subprocess.run(
            .path(program), arguments: Arguments(arguments), environment: environment, input: .inputWriter,
            output: .string(limit: 1 << 20), error: .sequence
        ) { execution in
            let writer = execution.standardInputWriter
            return try await Self.finishing(writer) {
                do {
                    _ = try await writer.write(input)
                    try await isDue()
                    try execution.send(signal: signal)
                } catch {
                    try execution.send(signal: .kill)
                    throw error
                }
                return try await Self.read(execution.standardError) { _ in }
            }
        }
        return Outcome(status: result.terminationStatus, output: result.standardOutput, error: result.closureResult)
    }

    /// Runs a command whose standard error is this descriptor, which is closed here.
    func run(_ arguments: [String], error: FileDescriptor) async throws -> TerminationStatus {
        try await Subprocess.run(
            .path(program), arguments: Arguments(arguments), environment: environment, input: .none,
            output: .discarded, error: .fileDescriptor(error, closeAfterSpawningProcess: true)
        ).terminationStatus
    }

    /// Runs a command whose standard output is closed by its reader before anything was read.
    func unread(_ arguments: String...) async throws -> Outcome {
        let (read, write) = try FileDescriptor.pipe(options: .closeOnExec)
        try read.close()
        let result = try await Subprocess.run(
            .path(program), arguments: Arguments(arguments), environment: environment, input: .none,
            output: .fileDescriptor(write, closeAfterSpawningProcess: true), error: .string(limit: 1 << 20))
        return Outcome(status: result.terminationStatus, output: "", error: result.standardError)
    }

    /// Ends a command's input after a body, also if it throws: a writer that is let go without that ends the whole
    /// test process.
    private static func finishing<Value>(
        _ writer: StandardInputWriter, _ body: () async throws -> Value
    ) async throws -> Value {
        let value: Value
        do {
            value = try await body()
        } catch {
            try? await writer.finish()  // the first error is the one to tell
            throw error
        }
        try await writer.finish()
        return value
    }

    private static func read(
        _ sequence: SubprocessOutputSequence, _ look: (String) throws -> Void
    ) async throws -> String {
        var text = ""
        for try await line in sequence.strings() {
            text += line + "\n"
            try look(line)
        }
        return text
    }

    /// No other database than the test's, whatever the tests' own environment names.
    var environment: Environment {
        .inherit.updating([
            "DATABASE_URL": url, "HINDSIGHT_HOME": home, "PGHOST": nil, "PGHOSTADDR": nil, "PGPORT": nil,
            "PGDATABASE": nil,
            "PGUSER": nil, "PGPASSWORD": nil, "PGPASSFILE": nil, "PGSERVICE": nil, "PGSERVICEFILE": nil,
            "HINDSIGHT_LOG": nil,
        ])
        .updating(variables)
    }

    var program: FilePath { BuiltPrograms.folder.appending(app) }
}
