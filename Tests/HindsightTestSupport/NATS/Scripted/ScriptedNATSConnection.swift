/// The server's side of one connection to a ``ScriptedNATSServer``.
package final class ScriptedNATSConnection: Sendable {
    package struct Unexpected: Error, CustomStringConvertible {
        package let description: String
    }

    /// For all that has no method here.
    package let socket: TestSocket
    /// 1 for the server's first connection.
    package let number: Int
    private let port: Int

    init(_ socket: TestSocket, port: Int, number: Int) {
        self.socket = socket
        self.port = port
        self.number = number
    }

    /// Sends text as it is: the ends of lines are the script's.
    package func send(_ text: String) async throws { try await socket.send(text) }

    /// Sends bytes as they are.
    package func send(_ bytes: [UInt8]) async throws { try await socket.send(bytes) }

    /// Sends the server's `INFO`.
    ///
    /// - Parameter fields: More of it, or other values, in JSON: `["max_payload": "100", "ldm": "true"]`.
    package func sendInfo(_ fields: [String: String] = [:]) async throws {
        let all = [
            "server_id": #""SCRIPTED""#, "server_name": #""scripted""#, "version": #""2.15.1""#, "proto": "1",
            "host": #""127.0.0.1""#, "port": "\(port)", "headers": "true", "max_payload": "1048576",
            "client_id": "\(number)", "jetstream": "true", "api_lvl": "5",
        ].merging(fields) { $1 }
        let text = all.sorted { $0.key < $1.key }.map { #""\#($0.key)":\#($0.value)"# }.joined(separator: ",")
        try await send("INFO {\(text)}\r\n")
    }

    /// Sends `INFO`, takes `CONNECT` and the `PING` behind it, and answers with `PONG`.
    ///
    /// - Returns: The JSON of `CONNECT`.
    @discardableResult package func greet(_ fields: [String: String] = [:]) async throws -> String {
        try await sendInfo(fields)
        guard case .connect(let json) = try await next() else { throw Unexpected(description: "expected CONNECT") }
        try await expect(.ping)
        try await send("PONG\r\n")
        return json
    }

    /// Sends a message.
    ///
    /// - Parameters:
    ///   - headers: The whole block, such as `NATS/1.0 503\r\n\r\n`. Defaults to none.
    ///   - sid: The number of the subscription.
    package func sendMessage(
        _ subject: String, sid: String, reply: String? = nil, headers: String? = nil, _ payload: String = ""
    ) async throws {
        let place = [subject, sid, reply].compactMap { $0 }.joined(separator: " ")
        if let headers {
            let count = headers.utf8.count
            try await send(
                "HMSG \(place) \(count) \(count + payload.utf8.count)\r\n\(headers)\(payload)\r\n")
        } else {
            try await send("MSG \(place) \(payload.utf8.count)\r\n\(payload)\r\n")
        }
    }

    /// The next operation of the client.
    package func next(within limit: Duration = .seconds(20)) async throws -> NATSClientOperation {
        guard let operation = try await nextIfAny(within: limit) else {
            throw Unexpected(description: "expected an operation, but the client has closed")
        }
        return operation
    }

    /// The next operation of the client; nil if it has closed.
    package func nextIfAny(within limit: Duration = .seconds(20)) async throws -> NATSClientOperation? {
        guard let line = try await socket.nextLine(within: limit) else { return nil }
        let words = line.split(separator: " ", maxSplits: line.hasPrefix("CONNECT ") ? 1 : .max).map(String.init)
        switch (words.first ?? "", words.count) {
        case ("PING", 1): return .ping
        case ("PONG", 1): return .pong
        case ("CONNECT", 2): return .connect(words[1])
        case ("SUB", 3): return .subscribe(words[1], queue: nil, sid: words[2])
        case ("SUB", 4): return .subscribe(words[1], queue: words[2], sid: words[3])
        case ("UNSUB", 2): return .unsubscribe(sid: words[1], after: nil)
        case ("UNSUB", 3): return .unsubscribe(sid: words[1], after: Int(words[2]))
        case ("PUB", 3), ("PUB", 4):
            let payload = try await rest(words.last)
            return .publish(
                words[1], reply: words.count == 4 ? words[2] : nil, headers: nil,
                payload: String(decoding: payload, as: UTF8.self))
        case ("HPUB", 4), ("HPUB", 5):
            let all = try await rest(words.last)
            guard let count = Int(words[words.count - 2]), count <= all.count else { break }
            return .publish(
                words[1], reply: words.count == 5 ? words[2] : nil,
                headers: String(decoding: all.prefix(count), as: UTF8.self),
                payload: String(decoding: all.dropFirst(count), as: UTF8.self))
        default: break
        }
        throw Unexpected(description: "expected an operation of a client, which \"\(line)\" is not")
    }

    private func rest(_ word: String?) async throws -> [UInt8] {
        guard let count = word.flatMap({ Int($0) }), count >= 0 else {
            throw Unexpected(description: "expected a size, which \"\(word ?? "")\" is not")
        }
        let bytes = try await socket.bytes(count + 2)
        guard bytes.suffix(2) == [13, 10] else {
            throw Unexpected(description: "expected the end of a line behind \(count) bytes")
        }
        return bytes.dropLast(2)
    }

    /// Takes the next operation, which must be this one.
    package func expect(_ operation: NATSClientOperation, within limit: Duration = .seconds(20)) async throws {
        let found = try await next(within: limit)
        guard found == operation else {
            throw Unexpected(description: "expected \(operation), but there is \(found)")
        }
    }

    /// Takes what the client sends, answers its pings, and returns when it has closed.
    package func serveUntilClosed(
        _ handle: (NATSClientOperation) async throws -> Void = { _ in }
    ) async throws {
        while let operation = try await nextIfAny(within: .seconds(600)) {
            if operation == .ping { try await send("PONG\r\n") } else { try await handle(operation) }
        }
    }

    /// Closes the connection. The end of the script does so too.
    package func close() async { await socket.close() }

    /// Closes the connection so that the client sees a reset.
    package func reset() async { await socket.reset() }
}
