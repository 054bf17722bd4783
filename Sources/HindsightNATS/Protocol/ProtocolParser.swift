#if NATS
    #if canImport(Glibc)
        import Glibc
    #elseif canImport(Musl)
        import Musl
    #else
        import Darwin
    #endif

    /// Reads what a server sends: one operation after the other from the bytes that are there.
    ///
    /// It copies nothing: a message is where its parts lie. Operations are known by their first letters, in either case, as the
    /// server's own parser does it.
    ///
    /// Source: <https://docs.nats.io/reference/reference-protocols/nats-protocol>
    package struct ProtocolParser {
        /// What the server sent.
        package enum Operation: Equatable {
            case message(MessageFrame)
            case ping
            case pong
            case ok
            /// The JSON of an INFO.
            case info(Range<Int>)
            /// The text of an error, with its quotes.
            case error(Range<Int>)
        }

        /// The longest line that is waited for. An INFO with the addresses of hundreds of servers has some ten thousand bytes.
        package static let maximumLine = 1 << 20
        /// The largest message that a server can be configured to take, with room for headers.
        package static let maximumMessage = 1 << 30

        /// How many bytes from the start of the unfinished operation are needed before it is worth another look.
        package private(set) var wanted = 1

        package init() {}

        /// The operation that starts at `offset`, which is moved behind it.
        ///
        /// - Parameters:
        ///   - bytes: all that is there, with the part of an operation that could not be read before.
        ///   - offset: where to begin.
        /// - Returns: `nil` if more bytes are needed, ``wanted`` of them from `offset`.
        package mutating func next(in bytes: UnsafeRawBufferPointer, at offset: inout Int) throws(ProtocolViolation)
            -> Operation?
        {
            let count = bytes.count - offset
            guard count > 0, let base = bytes.baseAddress else {
                wanted = 1
                return nil
            }
            let start = base + offset
            guard let found = memchr(start, 0x0A, min(count, Self.maximumLine)) else {
                guard count < Self.maximumLine else {
                    throw ProtocolViolation("a line of the protocol is longer than \(Self.maximumLine) bytes")
                }
                // A short read of something else than NATS is seen at once.
                try checkFirst(start.load(as: UInt8.self))
                wanted = count + 1
                return nil
            }
            var lineLength = UnsafeRawPointer(found) - start
            let next = offset + lineLength + 1
            if lineLength > 0, start.load(fromByteOffset: lineLength - 1, as: UInt8.self) == 0x0D { lineLength -= 1 }
            let line = UnsafeRawBufferPointer(start: start, count: lineLength)

            switch lineLength > 0 ? Self.upper(line[0]) : 0 {
            case UInt8(ascii: "M") where Self.word(line, "MSG"):
                return try message(
                    UnsafeRawBufferPointer(rebasing: line[3...]), at: offset + 3, from: next, hasHeaders: false, bytes,
                    &offset)
            case UInt8(ascii: "H") where Self.word(line, "HMSG"):
                return try message(
                    UnsafeRawBufferPointer(rebasing: line[4...]), at: offset + 4, from: next, hasHeaders: true, bytes,
                    &offset)
            case UInt8(ascii: "P") where Self.word(line, "PING"):
                offset = next
                return .ping
            case UInt8(ascii: "P") where Self.word(line, "PONG"):
                offset = next
                return .pong
            case UInt8(ascii: "I") where Self.word(line, "INFO"):
                let range = (offset + 4)..<(offset + lineLength)
                offset = next
                return .info(range)
            case UInt8(ascii: "+") where Self.word(line, "+OK"):
                offset = next
                return .ok
            case UInt8(ascii: "-") where Self.word(line, "-ERR"):
                let range = (offset + 4)..<(offset + lineLength)
                offset = next
                return .error(range)
            default:
                throw ProtocolViolation("a line of the protocol starts with \(Self.shown(line))")
            }
        }

        private func checkFirst(_ byte: UInt8) throws(ProtocolViolation) {
            switch Self.upper(byte) {
            case UInt8(ascii: "M"), UInt8(ascii: "H"), UInt8(ascii: "P"), UInt8(ascii: "I"), UInt8(ascii: "+"),
                UInt8(ascii: "-"):
                return
            default:
                throw ProtocolViolation(
                    "a line of the protocol starts with the byte \(byte)")
            }
        }

        /// `SUBJECT SID [REPLY] [HEADERS] TOTAL`, and the message behind the line.
        private mutating func message(
            _ arguments: UnsafeRawBufferPointer, at start: Int, from body: Int, hasHeaders: Bool,
            _ bytes: UnsafeRawBufferPointer, _ offset: inout Int
        ) throws(ProtocolViolation) -> Operation? {
            // At most five words, the last ones numbers.
            var fields: (Range<Int>, Range<Int>, Range<Int>, Range<Int>, Range<Int>) = (
                0..<0, 0..<0, 0..<0, 0..<0, 0..<0
            )
            var count = 0
            var position = 0
            while true {
                while position < arguments.count, Self.isSpace(arguments[position]) { position += 1 }
                guard position < arguments.count else { break }
                let first = position
                while position < arguments.count, !Self.isSpace(arguments[position]) { position += 1 }
                switch count {
                case 0: fields.0 = first..<position
                case 1: fields.1 = first..<position
                case 2: fields.2 = first..<position
                case 3: fields.3 = first..<position
                case 4: fields.4 = first..<position
                default: throw ProtocolViolation("a message has more arguments than there are")
                }
                count += 1
            }

            let reply: Range<Int>
            let headers: Range<Int>
            let total: Range<Int>
            switch (hasHeaders, count) {
            case (false, 3): (reply, headers, total) = (0..<0, 0..<0, fields.2)
            case (false, 4): (reply, headers, total) = (fields.2, 0..<0, fields.3)
            case (true, 4): (reply, headers, total) = (0..<0, fields.2, fields.3)
            case (true, 5): (reply, headers, total) = (fields.2, fields.3, fields.4)
            case (true, _), (false, _): throw ProtocolViolation("a message has \(count) arguments")
            }
            guard let subscription = Self.number(arguments, fields.1), let size = Self.number(arguments, total),
                let headerSize = headers.isEmpty ? 0 : Self.number(arguments, headers)
            else { throw ProtocolViolation("a message has an argument that should be a number") }
            guard size <= Self.maximumMessage, headerSize <= size else {
                throw ProtocolViolation("a message of \(size) bytes has headers of \(headerSize)")
            }
            let end = body + Int(size)
            guard bytes.count >= end + 2 else {
                wanted = end + 2 - offset
                return nil
            }
            guard bytes[end] == 0x0D, bytes[end + 1] == 0x0A else {
                throw ProtocolViolation("a message of \(size) bytes does not end behind them")
            }
            offset = end + 2
            var frame = MessageFrame()
            frame.subscription = subscription
            frame.subjectStart = UInt32(start + fields.0.lowerBound)
            frame.subjectLength = UInt32(fields.0.count)
            frame.replyStart = UInt32(start + reply.lowerBound)
            frame.replyLength = UInt32(reply.count)
            frame.headersStart = UInt32(body)
            frame.headersLength = UInt32(headerSize)
            frame.payloadStart = UInt32(body + Int(headerSize))
            frame.payloadLength = UInt32(Int(size) - Int(headerSize))
            return .message(frame)
        }

        private static func isSpace(_ byte: UInt8) -> Bool {
            byte == 0x20 || byte == 0x09
        }

        /// A letter as a capital, and what is none as it is.
        private static func upper(_ byte: UInt8) -> UInt8 {
            byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") ? byte & 0xDF : byte
        }

        /// Whether the line begins with the word, in either case, and the word ends there.
        private static func word(_ line: UnsafeRawBufferPointer, _ word: StaticString) -> Bool {
            let length = word.utf8CodeUnitCount
            guard line.count >= length else { return false }
            for index in 0..<length where upper(line[index]) != word.utf8Start[index] { return false }
            return line.count == length || isSpace(line[length])
        }

        private static func number(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> UInt64? {
            guard !range.isEmpty, range.count <= 18 else { return nil }
            var value: UInt64 = 0
            for index in range {
                let digit = bytes[index] &- UInt8(ascii: "0")
                guard digit <= 9 else { return nil }
                value = value * 10 + UInt64(digit)
            }
            return value
        }

        /// The first bytes of a line for an error, without what could be data.
        private static func shown(_ line: UnsafeRawBufferPointer) -> String {
            String(decoding: line.prefix(8), as: UTF8.self).debugDescription
        }
    }
#endif
