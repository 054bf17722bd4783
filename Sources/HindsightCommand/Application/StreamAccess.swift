#if NATS
    package import HindsightNATS

    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    /// Who the program is for the servers of a log, and whom it trusts, according to its environment: never by arguments, which every
    /// user of the machine can see.
    package struct StreamAccess: Sendable {
        private let values: [String: String]

        /// - Parameter environment: the environment of the process. An empty variable counts as missing.
        package init(environment: [String: String]) {
            values = environment.filter { $0.key.hasPrefix("HINDSIGHT_NATS_") && !$0.value.isEmpty }
        }

        /// The settings of a client, without servers.
        ///
        /// - Throws: ``CommandError`` if the variables contradict each other or a file that they name cannot be read.
        package func configuration() throws -> NATSConfiguration {
            var configuration = NATSConfiguration()
            configuration.credentials = try credentials()
            configuration.tls = try transport()
            return configuration
        }

        private func credentials() throws(CommandError) -> NATSCredentials {
            let names = ["CREDENTIALS", "NKEY", "TOKEN", "USER"].map { "HINDSIGHT_NATS_\($0)" }
                .filter { values[$0] != nil }
            guard let name = names.first else { return .none }
            guard names.count == 1 else {
                throw CommandError("\(names.joined(separator: " and ")) say who this program is: unset all but one")
            }
            let value = values[name, default: ""]
            switch name {
            case "HINDSIGHT_NATS_CREDENTIALS": return .file(try readable(value, name))
            case "HINDSIGHT_NATS_NKEY":
                let path = try readable(value, name)
                guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
                    throw CommandError("\(name) names \(path), which is no text: it should hold the seed of an nkey")
                }
                return .nkey(seed: String(text.filter { !$0.isWhitespace }))
            case "HINDSIGHT_NATS_TOKEN": return .token(value)
            default:
                guard let password = values["HINDSIGHT_NATS_PASSWORD"] else {
                    throw CommandError("HINDSIGHT_NATS_USER is set, and HINDSIGHT_NATS_PASSWORD is not: set it, too")
                }
                return .user(value, password: password)
            }
        }

        private func transport() throws -> NATSTransportSecurity {
            guard
                let name = ["AUTHORITY", "CERTIFICATE"].map({ "HINDSIGHT_NATS_\($0)" }).first(where: {
                    values[$0] != nil
                })
            else { return .ifAsked }
            let certificate = values["HINDSIGHT_NATS_CERTIFICATE"]
            let key = values["HINDSIGHT_NATS_KEY"]
            guard (certificate == nil) == (key == nil) else {
                throw CommandError(
                    "HINDSIGHT_NATS_CERTIFICATE and HINDSIGHT_NATS_KEY belong together: set both or none")
            }
            do {
                return try .required(
                    trusting: values["HINDSIGHT_NATS_AUTHORITY"], showing: certificate, withKey: key)
            } catch {
                throw CommandError("\(name): \(error)")
            }
        }

        private func readable(_ path: String, _ name: String) throws(CommandError) -> String {
            guard FileManager.default.isReadableFile(atPath: path) else {
                throw CommandError("\(name) names \(path), which is not there or cannot be read")
            }
            return path
        }
    }
#endif
