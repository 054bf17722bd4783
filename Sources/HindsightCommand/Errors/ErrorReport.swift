import ArgumentParser
import HindsightJSON
import HindsightPostgres

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Reports an error that ended a command to the user, and ends the process.
///
/// With `--json` the error is one JSON object on standard error, `{"error":"…"}`; otherwise it is text that follows the
/// program's name.
struct ErrorReport {
    let program: String
    let isJSON: Bool

    func end<Root: ParsableCommand>(_ error: any Error, usage root: Root.Type) -> Never {
        switch error {
        case let error as Interrupted:
            if let message = error.message { write(message) }
            exit(128 + error.signal)
        case let error as ExitCode:
            // The command has said what there is to say.
            exit(error.rawValue)
        case is BrokenPipe:
            exit(128 + SIGPIPE)
        default:
            let code = root.exitCode(for: error)
            // The parser's own errors, and requests for help, which it answers by throwing.
            guard isOwn(error, code: code) else {
                guard isJSON, !code.isSuccess else { root.exit(withError: error) }
                write(root.message(for: error))
                exit(code.rawValue)
            }
            write(Self.message(error))
            exit(EXIT_FAILURE)
        }
    }

    /// A description of an error, without secrets and rows.
    static func message(_ error: any Error) -> String {
        switch error {
        case let error as PostgresError where ["42P01", "3F000"].contains(error.sqlState):
            "\(error): run `database migrate` for the engine's tables, `run` for those of the views"
        case is CancellationError:
            "cancelled"
        default:
            String(describing: error)
        }
    }

    private func isOwn(_ error: any Error, code: ExitCode) -> Bool {
        switch error {
        case is ValidationError, is ExitCode, is CleanExit: false
        // The parser calls unknown errors failures; its own errors are misuse or success.
        default: code == .failure
        }
    }

    /// Writes an error or a warning to standard error.
    func write(_ message: String) {
        var bytes: [UInt8] = []
        if isJSON {
            bytes += "{\"error\":".utf8
            JSONWriter.append(message, to: &bytes)
            bytes += "}".utf8
        } else {
            bytes += "\(program): \(message)".utf8
        }
        bytes.append(UInt8(ascii: "\n"))
        StandardError.write(bytes)
    }
}
