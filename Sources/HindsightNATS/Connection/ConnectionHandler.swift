#if NATS
    import Logging
    import NIOCore
    import NIOSSL

    /// Between the bytes of a connection and the client. It is used on its event loop only.
    final class ConnectionHandler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        /// How far the greeting has come.
        private enum Stage {
            /// The server speaks first.
            case awaitingInfo
            /// The client has said who it is, and asked whether that will do.
            case awaitingPong(NATSServerInfo)
            case established(ServerLink)
            case gone
        }

        private let client: ClientCore
        private let address: ServerAddress
        /// Succeeds when the server has accepted the client.
        private let greeted: EventLoopPromise<ServerLink>
        private var stage = Stage.awaitingInfo
        private var parser = ProtocolParser()
        /// The beginning of an operation whose end has not come.
        private var rest = ByteBuffer()
        /// Why the connection ends, if that is known before it does.
        private var failure: NATSError?

        init(client: ClientCore, address: ServerAddress, greeted: EventLoopPromise<ServerLink>) {
            self.client = client
            self.address = address
            self.greeted = greeted
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            // What comes behind junk is not to be taken for anything.
            if case .gone = stage { return }
            var bytes = unwrapInboundIn(data)
            if rest.readableBytes > 0 {
                rest.writeBuffer(&bytes)
                guard rest.readableBytes >= parser.wanted else { return }
                swap(&bytes, &rest)
                rest = ByteBuffer()
            }
            do {
                let consumed = try read(bytes, context)
                keep(bytes, from: consumed)
            } catch {
                leave(
                    NATSError(.protocolViolation, "\(address) does not speak the protocol of NATS: \(error)"), context)
            }
        }

        /// Keeps a copy of the unfinished end, so that the rest of the read can be let go.
        private func keep(_ bytes: ByteBuffer, from consumed: Int) {
            let left = bytes.readableBytes - consumed
            guard left > 0 else { return }
            if consumed == 0 {
                rest = bytes
                return
            }
            rest = ByteBufferAllocator().buffer(capacity: max(parser.wanted, left))
            bytes.withUnsafeReadableBytes { all in
                _ = rest.writeBytes(UnsafeRawBufferPointer(rebasing: all[consumed...]))
            }
        }

        /// Reads all whole operations, and hands the messages over as batches.
        ///
        /// - Returns: how many bytes they had.
        private func read(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) throws(ProtocolViolation) -> Int {
            var offset = 0
            // As a property of an object it would be asked for each operation whether somebody else changes it.
            var parser = self.parser
            defer { self.parser = parser }
            // Most reads bring the messages of one subscription.
            var frames: [MessageFrame] = []
            var others: [(UInt64, [MessageFrame])] = []
            func handOver() {
                guard let first = frames.first else { return }
                client.deliver(frames, bytes, to: first.subscription)
                frames = []
                for (subscription, frames) in others { client.deliver(frames, bytes, to: subscription) }
                others = []
            }
            try bytes.withUnsafeReadableBytes { all throws(ProtocolViolation) in
                // Also what came before junk.
                defer { handOver() }
                while let operation = try parser.next(in: all, at: &offset) {
                    if case .gone = stage { return }
                    switch operation {
                    case .message(let frame):
                        if frames.isEmpty {
                            // About as many as fit, so that the array need not grow often.
                            frames.reserveCapacity(min(4096, 1 + (all.count - offset) / max(64, frame.size + 40)))
                            frames.append(frame)
                        } else if frames[0].subscription == frame.subscription {
                            frames.append(frame)
                        } else if let index = others.firstIndex(where: { $0.0 == frame.subscription }) {
                            others[index].1.append(frame)
                        } else {
                            others.append((frame.subscription, [frame]))
                            // Looking for one of many would take longer than handing over.
                            if others.count > 16 { handOver() }
                        }
                    case .ping:
                        context.writeAndFlush(wrapOutboundOut(ByteBuffer(staticString: "PONG\r\n")), promise: nil)
                    case .pong:
                        // What it follows has been delivered then, which a drain relies on.
                        handOver()
                        pong(context)
                    case .ok:
                        break
                    case .info(let range):
                        handOver()
                        let isEncryptedFromHere = info(
                            try NATSServerInfo(parsing: UnsafeRawBufferPointer(rebasing: all[range])), context)
                        // Nobody knows who has sent what was not encrypted.
                        guard !isEncryptedFromHere || offset == all.count else {
                            throw ProtocolViolation("there is something between the greeting and the encryption")
                        }
                    case .error(let range):
                        handOver()
                        let text = HeaderLines.trimmed(UnsafeRawBufferPointer(rebasing: all[range]))
                        serverError(String(decoding: text, as: UTF8.self), context)
                    }
                }
            }
            return offset
        }

        /// - Returns: whether TLS begins with this.
        private func info(_ info: NATSServerInfo, _ context: ChannelHandlerContext) -> Bool {
            switch stage {
            case .awaitingInfo: return greet(info, context)
            case .awaitingPong: stage = .awaitingPong(info)
            case .established(let link): client.informed(info, by: link)
            case .gone: break
            }
            return false
        }

        /// Answers the server's greeting: TLS if it is to begin now, and who the client is.
        ///
        /// - Returns: whether TLS begins.
        private func greet(_ info: NATSServerInfo, _ context: ChannelHandlerContext) -> Bool {
            do {
                let connect = try client.greeting(for: info, at: address)
                let beginsTLS = try client.beginsTLS(after: info, at: address)
                if beginsTLS {
                    try context.pipeline.syncOperations.addHandler(client.tlsHandler(for: address), position: .first)
                }
                stage = .awaitingPong(info)
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: connect)), promise: nil)
                return beginsTLS
            } catch {
                leave(client.connectionError(error, at: address), context)
                return false
            }
        }

        private func pong(_ context: ChannelHandlerContext) {
            switch stage {
            case .awaitingPong(let info):
                let link = ServerLink(address: address, channel: context.channel)
                guard client.established(link, info) else { return leave(ConnectionMachine.closed, context) }
                stage = .established(link)
                greeted.succeed(link)
            case .established(let link):
                client.ponged(by: link)
            case .awaitingInfo, .gone:
                break
            }
        }

        private func serverError(_ text: String, _ context: ChannelHandlerContext) {
            let error = ServerErrorText(text).error(from: address)
            switch stage {
            case .established:
                if !ServerErrorText(text).keepsConnection { failure = error }
                client.reported(error, text: text)
            case .awaitingInfo, .awaitingPong:
                leave(error, context)
            case .gone:
                break
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            switch stage {
            case .established:
                leave(
                    NATSError(.disconnected, "the connection to \(address) broke", underlying: error), context)
            case .awaitingInfo, .awaitingPong, .gone:
                leave(client.connectionError(error, at: address), context)
            }
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if let ending = event as? LinkEnding {
                leave(ending.error, context)
            } else {
                context.fireUserInboundEventTriggered(event)
            }
        }

        func channelInactive(context: ChannelHandlerContext) {
            leave(NATSError(.disconnected, "\(address) closed the connection"), context)
            context.fireChannelInactive()
        }

        /// The connection is gone for the client from here on, also if the other side takes its time to close it.
        private func leave(_ error: NATSError, _ context: ChannelHandlerContext) {
            let reason = failure ?? error
            let before = stage
            stage = .gone
            rest = ByteBuffer()
            context.close(promise: nil)
            switch before {
            case .established(let link):
                client.lost(link, reason)
                link.ended.complete(.success(()))
            case .awaitingInfo, .awaitingPong:
                greeted.fail(reason)
            case .gone:
                break
            }
        }
    }

    /// Tells a connection's handler why the connection is to end.
    struct LinkEnding: Sendable {
        let error: NATSError
    }
#endif
