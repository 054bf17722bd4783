#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The socket calls of the proxies and of the sockets of tests, with Swift types. Nothing here blocks, but connecting to a
/// Unix socket or on the loopback interface.
enum ProxySocket {
    struct Failure: Error, CustomStringConvertible {
        let call: String
        let number: Int32

        init(_ call: String) {
            self.call = call
            number = errno
        }

        var description: String { "\(call): \(String(cString: strerror(number)))" }
    }

    #if canImport(Glibc)
        private static let stream = Int32(SOCK_STREAM.rawValue)
        private static let call = Glibc.connect
    #elseif canImport(Musl)
        private static let stream = SOCK_STREAM
        private static let call = Musl.connect
    #else
        private static let stream = SOCK_STREAM
        private static let call = Darwin.connect
    #endif

    /// Listens at a path.
    static func listen(atPath path: String) throws -> Int32 {
        try made(AF_UNIX) { try withAddress(path) { bind($0, $1, $2) }($0) }
    }

    /// Listens on 127.0.0.1.
    ///
    /// - Parameter port: Defaults to one of the system's choice.
    static func listenOnLoopback(port: Int = 0) throws -> (descriptor: Int32, port: Int) {
        var address = loopback(port)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = try made(AF_INET) { descriptor in
            if port != 0 {
                // Connections of a listener that is gone do not keep the port.
                var on: Int32 = 1
                setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
            }
            return withUnsafeMutablePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                    bind(descriptor, generic, length) == 0 ? getsockname(descriptor, generic, &length) : -1
                }
            }
        }
        return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
    }

    /// Connects to a port on 127.0.0.1; nil if nobody listens there.
    static func connect(toLoopbackPort port: Int) -> Int32? {
        let descriptor = socket(AF_INET, stream, 0)
        guard descriptor >= 0 else { return nil }
        let address = loopback(port)
        let result = withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                call(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            close(descriptor)
            return nil
        }
        prepare(descriptor)
        return descriptor
    }

    /// Connects to the server; nil if it is not there.
    static func connect(toPath path: String) -> Int32? {
        let descriptor = socket(AF_UNIX, stream, 0)
        guard descriptor >= 0 else { return nil }
        guard let attempt = try? withAddress(path, { call($0, $1, $2) }), attempt(descriptor) == 0 else {
            close(descriptor)
            return nil
        }
        prepare(descriptor)
        return descriptor
    }

    /// The next client, if there is one.
    static func acceptClient(of listener: Int32) -> Int32? {
        let descriptor = accept(listener, nil, nil)
        guard descriptor >= 0 else { return nil }
        prepare(descriptor)
        return descriptor
    }

    /// Has the other side see a reset when the socket is closed, if it is one of TCP.
    static func makeCloseAReset(_ descriptor: Int32) {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
    }

    /// Ends the direction to the other side only.
    static func endSending(_ descriptor: Int32) { _ = shutdown(descriptor, Int32(SHUT_WR)) }

    /// What has come: nil at the end of the stream or after an error, empty if nothing is there yet.
    static func receive(_ descriptor: Int32) -> [UInt8]? {
        var isEnd = false
        let bytes = [UInt8](unsafeUninitializedCapacity: 64 << 10) { buffer, count in
            let received = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            isEnd = received == 0 || received < 0 && errno != EAGAIN && errno != EINTR
            count = max(received, 0)
        }
        return isEnd ? nil : bytes
    }

    /// Sends what the system takes and removes it from the bytes. Returns false if the other side is gone.
    static func send(_ bytes: inout [UInt8], to descriptor: Int32) -> Bool {
        #if canImport(Darwin)
            let flags: Int32 = 0
            let sent = Darwin.send(descriptor, bytes, bytes.count, flags)
        #elseif canImport(Musl)
            let sent = Musl.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        #else
            let sent = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        #endif
        guard sent >= 0 else { return errno == EAGAIN || errno == EINTR }
        bytes.removeFirst(sent)
        return true
    }

    /// An address on 127.0.0.1.
    private static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        address.sin_port = UInt16(port).bigEndian
        return address
    }

    private static func made(_ family: Int32, _ bind: (Int32) throws -> Int32) throws -> Int32 {
        let descriptor = socket(family, stream, 0)
        guard descriptor >= 0 else { throw Failure("socket") }
        prepare(descriptor)
        #if canImport(Glibc)
            let call = Glibc.listen
        #elseif canImport(Musl)
            let call = Musl.listen
        #else
            let call = Darwin.listen
        #endif
        guard try bind(descriptor) == 0, call(descriptor, 128) == 0 else {
            let failure = Failure("bind")
            close(descriptor)
            throw failure
        }
        return descriptor
    }

    private static func prepare(_ descriptor: Int32) {
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        var on: Int32 = 1
        // What is small is sent at once, so that a proxy adds no delay. A Unix socket does so anyway, and refuses this.
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        #if canImport(Darwin)
            setsockopt(descriptor, SOL_SOCKET, SO_NOSIGPIPE, &on, socklen_t(MemoryLayout<Int32>.size))
        #endif
    }

    /// Makes of a call with an address one without.
    private static func withAddress(
        _ path: String, _ call: @escaping (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) throws -> (Int32) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8CString)
        guard bytes.count <= MemoryLayout.size(ofValue: address.sun_path) else {
            errno = ENAMETOOLONG
            throw Failure("bind")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { room in
            bytes.withUnsafeBytes { room.copyMemory(from: $0) }
        }
        let made = address
        return { descriptor in
            withUnsafePointer(to: made) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    call(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
        }
    }
}
