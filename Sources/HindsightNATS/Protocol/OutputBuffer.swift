#if NATS
    package import NIOCore

    /// What is to be sent: whole operations, one after the other, until a flush takes them all.
    package struct OutputBuffer {
        /// What is waiting for a flush.
        package private(set) var bytes = ByteBuffer()
        /// How many messages are in ``bytes``.
        package private(set) var messages = 0
        /// The largest of them, headers and payload.
        package private(set) var largest = 0
        /// Bytes that were handed to the network and not yet taken by it.
        package private(set) var inFlight = 0
        /// How many messages were ever handed to the network on this connection.
        package private(set) var written = 0
        /// Whether a flush is on its way, so that nobody else needs to ask for one.
        private var isFlushScheduled = false

        package init() {}

        /// The bytes that wait here and in the network.
        package var size: Int { bytes.readableBytes + inFlight }

        /// How many messages have been written on this connection or will be with the next flush.
        package var position: Int { written + messages }

        /// Writes a message to be published.
        package mutating func publish(
            subject: String, reply: Reply, headers: NATSHeaders, headerSize: Int, payload: UnsafeRawBufferPointer
        ) {
            let replyLength = reply.length
            let total = headerSize + payload.count
            let room = subject.utf8.count + replyLength + total + 64
            bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { target in
                var writer = RawWriter(target)
                writer.write(headerSize > 0 ? "HPUB " : "PUB ")
                writer.write(subject)
                writer.write(UInt8(ascii: " "))
                switch reply {
                case .none: break
                case .subject(let text):
                    writer.write(text)
                    writer.write(UInt8(ascii: " "))
                case .inbox(let prefix, let token):
                    writer.write(prefix)
                    writer.write(token: token)
                    writer.write(UInt8(ascii: " "))
                }
                if headerSize > 0 {
                    writer.write(decimal: headerSize)
                    writer.write(UInt8(ascii: " "))
                }
                writer.write(decimal: total)
                writer.write("\r\n")
                if headerSize > 0 {
                    writer.write(NATSHeaders.version)
                    for field in headers {
                        writer.write(field.name)
                        writer.write(": ")
                        writer.write(field.value)
                        writer.write("\r\n")
                    }
                    writer.write("\r\n")
                }
                writer.write(payload)
                writer.write("\r\n")
                return writer.count
            }
            messages += 1
            largest = max(largest, total)
        }

        /// Writes a line of the protocol, which ends with its line break.
        package mutating func command(_ line: String) {
            bytes.writeString(line)
        }

        /// Whether the caller has to see to a flush.
        package mutating func scheduleFlush() -> Bool {
            guard !isFlushScheduled, bytes.readableBytes > 0 else { return false }
            isFlushScheduled = true
            return true
        }

        /// Everything that waits, for the network.
        package mutating func takeAll() -> ByteBuffer? {
            isFlushScheduled = false
            guard bytes.readableBytes > 0 else { return nil }
            let taken = bytes
            // The next flush will probably be about as large.
            bytes = ByteBufferAllocator().buffer(capacity: min(taken.readableBytes, 1 << 16))
            inFlight += taken.readableBytes
            written += messages
            messages = 0
            largest = 0
            return taken
        }

        /// The network has taken this many bytes.
        package mutating func complete(_ count: Int) {
            inFlight = max(0, inFlight - count)
        }

        /// The connection is gone. Messages that wait here are kept; commands are not, as the next connection begins with its
        /// own; and what the network had is of unknown fate.
        package mutating func connectionLost() {
            isFlushScheduled = false
            inFlight = 0
            written = 0
            _ = keepMessages(ofAtMost: .max)
        }

        /// Keeps of what waits only the messages that are not larger.
        ///
        /// - Returns: how many were larger.
        package mutating func keepMessages(ofAtMost limit: Int) -> Int {
            var kept = ByteBuffer()
            var count = 0
            var lost = 0
            largest = 0
            bytes.withUnsafeReadableBytes { all in
                var start = 0
                while start < all.count, let end = all[start...].firstIndex(of: 0x0A) {
                    let line = all[start...end]
                    var next = end + 1
                    defer { start = next }
                    guard line.starts(with: "PUB ".utf8) || line.starts(with: "HPUB ".utf8) else { continue }
                    // The last word of the line, before its line break, is the size.
                    let size = line.dropLast(2).reversed().prefix { $0 != 0x20 }.reversed().reduce(0) {
                        $0 * 10 + Int($1 - UInt8(ascii: "0"))
                    }
                    next += size + 2
                    guard size <= limit else {
                        lost += 1
                        continue
                    }
                    kept.writeBytes(UnsafeRawBufferPointer(rebasing: all[start..<next]))
                    count += 1
                    largest = max(largest, size)
                }
            }
            bytes = kept
            messages = count
            return lost
        }

        /// Puts lines before what waits: a connection begins with them.
        package mutating func prepend(_ lines: String) {
            guard bytes.readableBytes > 0 else { return command(lines) }
            var all = ByteBuffer(string: lines)
            all.writeBuffer(&bytes)
            bytes = all
        }
    }

    extension OutputBuffer {
        /// Where an answer is to go.
        package enum Reply {
            case none
            case subject(String)
            /// The inbox of this client's requests, and which of them it is.
            case inbox(String, token: UInt64)

            /// How many bytes it takes, with the space behind it.
            package var length: Int {
                switch self {
                case .none: 0
                case .subject(let text): text.utf8.count + 1
                case .inbox(let prefix, _): prefix.utf8.count + RawWriter.tokenLength + 1
                }
            }
        }
    }
#endif
