import Dispatch
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A TCP connection on the loopback interface, for tests that speak a protocol by hand.
///
/// Reading and writing are each done in the order in which they are asked for, and do not wait for each other.
package final class TestSocket: Sendable {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    private struct State {
        var isClosed = false
        /// What has come and has not been read by the test.
        var received: [UInt8] = []
    }

    private let descriptor: Int32
    private let state = Mutex(State())
    private let reading = DispatchQueue(label: "hindsight.test-socket.reading")
    private let writing = DispatchQueue(label: "hindsight.test-socket.writing")

    /// - Parameter descriptor: A connected socket that does not block. It is closed with this value.
    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        // What waits keeps this value alive, so nobody uses the descriptor now.
        if !state.withLock({ $0.isClosed }) { Self.close(descriptor) }
    }

    /// Connects to a port on 127.0.0.1, where somebody must be listening.
    package static func connect(to port: Int) throws -> TestSocket {
        guard let descriptor = ProxySocket.connect(toLoopbackPort: port) else {
            throw Failure(description: "nobody listens at port \(port)")
        }
        return TestSocket(descriptor: descriptor)
    }

    /// Sends text as it is: the ends of lines are the test's.
    package func send(_ text: String, within limit: Duration = .seconds(20)) async throws {
        try await send(Array(text.utf8), within: limit)
    }

    /// Sends bytes; returns when the system has taken them.
    package func send(_ bytes: [UInt8], within limit: Duration = .seconds(20)) async throws {
        try await perform(on: writing) { [self] isGivenUp in
            let deadline = ContinuousClock.now + limit
            var rest = bytes
            while !rest.isEmpty {
                try wait(POLLOUT, until: deadline, isGivenUp) { "could not send \(rest.count) of \(bytes.count) bytes" }
                guard ProxySocket.send(&rest, to: descriptor) else {
                    throw Failure(description: "could not send \(rest.count) bytes: the other side has closed")
                }
            }
        }
    }

    /// The next line, without its end, which is CR and LF.
    package func line(within limit: Duration = .seconds(20)) async throws -> String {
        guard let line = try await nextLine(within: limit) else {
            throw Failure(description: "expected a line, but the other side has closed\(sofar)")
        }
        return line
    }

    /// The next line, without its end; nil if the other side has closed.
    package func nextLine(within limit: Duration = .seconds(20)) async throws -> String? {
        try await read(within: limit, "a line") { received in
            guard let end = received.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
            var line = received[..<end]
            if line.last == UInt8(ascii: "\r") { line.removeLast() }
            let text = String(decoding: line, as: UTF8.self)
            received.removeSubrange(...end)
            return text
        }
    }

    /// The next bytes, so many.
    package func bytes(_ count: Int, within limit: Duration = .seconds(20)) async throws -> [UInt8] {
        let bytes = try await read(within: limit, "\(count) bytes") { received -> [UInt8]? in
            guard received.count >= count else { return nil }
            let bytes = Array(received.prefix(count))
            received.removeFirst(count)
            return bytes
        }
        guard let bytes else {
            throw Failure(description: "expected \(count) bytes, but the other side has closed\(sofar)")
        }
        return bytes
    }

    /// Everything until the other side closes.
    package func rest(within limit: Duration = .seconds(20)) async throws -> [UInt8] {
        try await perform(on: reading) { [self] isGivenUp in
            let deadline = ContinuousClock.now + limit
            while true {
                try wait(POLLIN, until: deadline, isGivenUp) { "the other side has not closed" }
                guard let more = ProxySocket.receive(descriptor) else { break }
                state.withLock { $0.received += more }
            }
            return state.withLock { state in
                defer { state.received = [] }
                return state.received
            }
        }
    }

    /// Closes the connection. What is waited for fails.
    package func close() async { await end(Self.close) }

    /// Closes the connection so that the other side sees a reset.
    package func reset() async {
        await end { descriptor in
            ProxySocket.makeCloseAReset(descriptor)
            Self.close(descriptor)
        }
    }

    private func end(_ close: @escaping @Sendable (Int32) -> Void) async {
        let isFirst = state.withLock { state in
            defer { state.isClosed = true }
            return !state.isClosed
        }
        guard isFirst else { return }
        await withCheckedContinuation { continuation in
            // When nobody uses the descriptor any more.
            reading.async { [self] in
                writing.async { [self] in
                    close(descriptor)
                    continuation.resume()
                }
            }
        }
    }

    private static func close(_ descriptor: Int32) {
        #if canImport(Glibc)
            _ = Glibc.close(descriptor)
        #elseif canImport(Musl)
            _ = Musl.close(descriptor)
        #else
            _ = Darwin.close(descriptor)
        #endif
    }

    /// What is taken from what has come; nil if the other side closes before.
    private func read<Value: Sendable>(
        within limit: Duration, _ what: String, _ take: @escaping @Sendable (inout [UInt8]) -> Value?
    ) async throws -> Value? {
        try await perform(on: reading) { [self] isGivenUp in
            let deadline = ContinuousClock.now + limit
            while true {
                if let value = state.withLock({ take(&$0.received) }) { return value }
                try wait(POLLIN, until: deadline, isGivenUp) { "expected \(what)\(sofar)" }
                guard let more = ProxySocket.receive(descriptor) else { return nil }
                state.withLock { $0.received += more }
            }
        }
    }

    private var sofar: String {
        let bytes = state.withLock { $0.received }
        return bytes.isEmpty ? "" : "; there is \"\(String(decoding: bytes.prefix(500), as: UTF8.self))\""
    }

    /// Waits until the socket is ready, in short turns: whoever closes it or is cancelled does not wake the poll.
    private func wait(
        _ event: Int32, until deadline: ContinuousClock.Instant, _ isGivenUp: borrowing Atomic<Bool>,
        _ what: () -> String
    ) throws {
        var entry = pollfd(fd: descriptor, events: Int16(event), revents: 0)
        while true {
            if isGivenUp.load(ordering: .relaxed) { throw CancellationError() }
            if state.withLock({ $0.isClosed }) { throw Failure(description: "\(what()): this side has closed") }
            if poll(&entry, 1, 20) > 0 { return }
            if ContinuousClock.now >= deadline { throw Failure(description: "\(what()), in time") }
        }
    }

    private final class GivenUp: Sendable {
        let flag = Atomic(false)
    }

    private func perform<Value: Sendable>(
        on queue: DispatchQueue, _ body: @escaping @Sendable (borrowing Atomic<Bool>) throws -> Value
    ) async throws -> Value {
        let isGivenUp = GivenUp()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                queue.async { continuation.resume(with: Result { try body(isGivenUp.flag) }) }
            }
        } onCancel: {
            isGivenUp.flag.store(true, ordering: .relaxed)
        }
    }
}
