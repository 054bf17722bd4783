#if NATS
    import HindsightNATS

    /// An operation of the protocol with its bytes, to compare.
    enum ParsedOperation: Equatable {
        case message(subscription: UInt64, subject: [UInt8], reply: [UInt8], headers: [UInt8], payload: [UInt8])
        case ping
        case pong
        case ok
        case info([UInt8])
        case error([UInt8])
        case violation
    }

    /// Reads chunks as a connection does: what is unfinished is kept, and looked at again when there is as much as was asked for.
    func parse(_ chunks: [ArraySlice<UInt8>]) -> [ParsedOperation] {
        var parser = ProtocolParser()
        var operations: [ParsedOperation] = []
        var rest: [UInt8] = []
        for chunk in chunks {
            let isUnfinished = !rest.isEmpty
            rest += chunk
            if isUnfinished, rest.count < parser.wanted { continue }
            var offset = 0
            let isIntact = rest.withUnsafeBytes { all in
                do {
                    while let operation = try parser.next(in: all, at: &offset) {
                        operations.append(ParsedOperation(operation, in: all))
                    }
                    return true
                } catch {
                    return false
                }
            }
            guard isIntact else { return operations + [.violation] }
            rest.removeFirst(offset)
        }
        return operations
    }

    extension ParsedOperation {
        init(_ operation: ProtocolParser.Operation, in bytes: UnsafeRawBufferPointer) {
            switch operation {
            case .ping: self = .ping
            case .pong: self = .pong
            case .ok: self = .ok
            case .info(let range): self = .info(Array(bytes[range]))
            case .error(let range): self = .error(Array(bytes[range]))
            case .message(let frame):
                func part(_ start: UInt32, _ length: UInt32) -> [UInt8] {
                    Array(bytes[Int(start)..<Int(start + length)])
                }
                self = .message(
                    subscription: frame.subscription, subject: part(frame.subjectStart, frame.subjectLength),
                    reply: part(frame.replyStart, frame.replyLength),
                    headers: part(frame.headersStart, frame.headersLength),
                    payload: part(frame.payloadStart, frame.payloadLength))
            }
        }

        static func message(
            _ subscription: UInt64, _ subject: String, reply: String = "", headers: String = "", payload: String = ""
        ) -> Self {
            .message(
                subscription: subscription, subject: Array(subject.utf8), reply: Array(reply.utf8),
                headers: Array(headers.utf8), payload: Array(payload.utf8))
        }
    }
#endif
