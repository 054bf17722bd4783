#if NATS
    import HindsightNATS
    import HindsightTestSupport
    import Logging
    import NIOCore

    /// Says nothing: what these tests break on purpose is no news.
    let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Runs a client for the time of `body`, which begins when it is connected, and closes it afterwards.
    func withClient<Value>(
        of servers: String..., change: (inout NATSConfiguration) -> Void = { _ in },
        _ body: (NATSClient) async throws -> Value
    ) async throws -> Value {
        var configuration = NATSConfiguration()
        configuration.servers = servers
        change(&configuration)
        let client = try NATSClient(configuration, logger: quiet)
        let running = Task { try await client.run() }
        do {
            try await client.flush()
            let value = try await body(client)
            client.close()
            _ = await running.result
            return value
        } catch {
            client.close()
            _ = await running.result
            throw error
        }
    }

    /// As ``withClient(of:change:_:)``, of the server that tests share.
    func withClient<Value>(
        change: (inout NATSConfiguration) -> Void = { _ in }, _ body: (NATSClient) async throws -> Value
    ) async throws -> Value {
        try await withClient(of: NATSTestServer.shared().url, change: change, body)
    }

    extension NATSMessage {
        var text: String { String(buffer: payload) }
        var number: Int? { Int(text) }
    }

    extension NATSClient {
        /// Flushes, and once more if the connection is lost meanwhile: after a restart of the server the client may not know yet.
        func flushWhenConnected() async throws(NATSError) {
            while true {
                do throws(NATSError) {
                    return try await flush(within: .seconds(30))
                } catch {
                    guard error.code == .disconnected else { throw error }
                }
            }
        }

        /// Publishes the numbers as text.
        func publish(_ numbers: ClosedRange<Int>, to subject: NATSSubject) async throws {
            for number in numbers { try await publish("\(number)".utf8, to: subject) }
        }
    }
#endif
