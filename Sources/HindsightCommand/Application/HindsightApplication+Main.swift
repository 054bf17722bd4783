import ArgumentParser

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension HindsightApplication {
    /// Runs the command that the program's arguments name, and ends the process with its status.
    ///
    /// The status is 0 only if the command did what it is for; 64 if it was called incorrectly; 128 plus the number of
    /// the signal that ended it; 1 for everything else.
    @concurrent  // the only kind of asynchronous function that @main takes
    public static func main() async {
        await main(Array(CommandLine.arguments.dropFirst()))
    }

    /// Runs the command that the arguments name, as ``main()`` does: for a program that has other commands besides the
    /// app's.
    @concurrent
    public static func main(_ arguments: [String]) async {
        // Writing to a pipe without a reader is then an ordinary error, so that everything is closed properly.
        signal(SIGPIPE, SIG_IGN)
        let report = ErrorReport(program: name, isJSON: arguments.contains("--json"))
        do {
            try await Interruptions(tell: { report.write($0) }).run {
                var command = try RootCommand<Self>.parseAsRoot(arguments)
                if var command = command as? any AsyncParsableCommand {
                    try await command.run()
                } else {
                    try command.run()
                }
            }
        } catch {
            report.end(error, usage: RootCommand<Self>.self)
        }
        exit(EXIT_SUCCESS)
    }
}
