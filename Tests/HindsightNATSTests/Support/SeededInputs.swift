#if NATS
    import HindsightTestSupport

    /// Inputs for a parser by chance: streams that are valid, such streams with a few bytes changed, and bytes of any kind.
    struct SeededInputs {
        private var generator: SeededGenerator

        init(seed: UInt64) {
            generator = SeededGenerator(seed: seed)
        }

        /// Bytes, and what they mean if they are valid.
        mutating func next() -> (bytes: [UInt8], expected: [ParsedOperation]?) {
            switch number(below: 8) {
            case 0: return (bytes(upTo: 40), nil)
            case 1...3:
                return valid()
            default:
                var (bytes, _) = valid()
                for _ in 0...number(below: 3) where !bytes.isEmpty { mutate(&bytes) }
                return (bytes, nil)
            }
        }

        /// The same bytes in pieces.
        mutating func split(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
            var chunks: [ArraySlice<UInt8>] = []
            var rest = bytes[...]
            let longest = 1 + number(below: 12)
            while !rest.isEmpty {
                let count = min(rest.count, 1 + number(below: longest))
                chunks.append(rest.prefix(count))
                rest = rest.dropFirst(count)
            }
            return chunks
        }

        private mutating func valid() -> ([UInt8], [ParsedOperation]) {
            var bytes: [UInt8] = []
            var operations: [ParsedOperation] = []
            for _ in 0...number(below: 3) {
                switch number(below: 8) {
                case 0:
                    bytes += Array("PING\r\n".utf8)
                    operations.append(.ping)
                case 1:
                    bytes += Array("+ok\r\n".utf8)
                    operations.append(.ok)
                case 2:
                    bytes += Array("INFO {}\r\n".utf8)
                    operations.append(.info(Array(" {}".utf8)))
                case 3:
                    bytes += Array("-ERR 'no'\r\n".utf8)
                    operations.append(.error(Array(" 'no'".utf8)))
                case 4...5:
                    let payload = self.bytes(upTo: 20)
                    let reply = number(below: 2) == 0 ? "" : "r"
                    bytes += Array("MSG a.b 12 \(reply)\(reply.isEmpty ? "" : " ")\(payload.count)\r\n".utf8)
                    bytes += payload + [0x0D, 0x0A]
                    operations.append(
                        .message(
                            subscription: 12, subject: Array("a.b".utf8), reply: Array(reply.utf8), headers: [],
                            payload: payload))
                default:
                    let payload = self.bytes(upTo: 20)
                    let headers = Array("NATS/1.0 503\r\nA: b\r\n\r\n".utf8)
                    bytes += Array("HMSG a 3 \(headers.count)\t\(headers.count + payload.count)\r\n".utf8)
                    bytes += headers + payload + [0x0D, 0x0A]
                    operations.append(
                        .message(
                            subscription: 3, subject: [UInt8(ascii: "a")], reply: [], headers: headers, payload: payload
                        ))
                }
            }
            return (bytes, operations)
        }

        private mutating func mutate(_ bytes: inout [UInt8]) {
            let place = number(below: bytes.count)
            switch number(below: 5) {
            case 0: bytes[place] = UInt8(truncatingIfNeeded: generator.next())
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(Array("0123456789 \r\n\tMSGPINGHOK+-".utf8)[number(below: 26)], at: place)
            case 3: bytes.removeSubrange(place...)
            default: bytes.insert(contentsOf: bytes[place...], at: place)
            }
        }

        private mutating func bytes(upTo limit: Int) -> [UInt8] {
            let count = number(below: limit)
            var bytes: [UInt8] = []
            var word: UInt64 = 0
            for index in 0..<count {
                if index % 8 == 0 { word = generator.next() }
                bytes.append(UInt8(truncatingIfNeeded: word))
                word >>= 8
            }
            return bytes
        }

        private mutating func number(below limit: Int) -> Int {
            Int(truncatingIfNeeded: generator.next() % UInt64(limit))
        }
    }
#endif
