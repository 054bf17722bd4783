#if NATS
    package import HindsightLog
    import HindsightNATS
    import HindsightValues
    import Synchronization

    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    /// Copies the events of another log to the end of a stream, each once and in order. It belongs to the scope of
    /// ``JetStreamEventLog/withMirror(of:onBreak:_:)`` and to one task at a time.
    package final class MirrorWriter: Sendable {
        private let log: JetStreamEventLog
        private let source: UUID
        private let publisher: JetStreamPublisher
        private let onBreak: @Sendable () -> Void
        private let chain: Mutex<MirrorChain>
        /// Of this call, in its messages.
        private let run: UUID

        init(
            _ log: JetStreamEventLog, of source: UUID, _ publisher: JetStreamPublisher,
            onBreak: @escaping @Sendable () -> Void
        ) {
            self.log = log
            self.source = source
            self.publisher = publisher
            self.onBreak = onBreak
            run = UUID.version7(at: .now())
            chain = Mutex(MirrorChain(of: run))
        }

        /// Waits until everything on its way was answered, finds out where the mirror ends, and begins there.
        ///
        /// - Throws: ``EventLogError`` with `unusableLog` if the last event of the stream is no copy from that log; ``MirrorContested`` if
        ///   a mirror that was there first goes on.
        package func begin() async throws -> JetStreamEventLog.MirrorEnd {
            do {
                try await publisher.settled()
            } catch {
                throw LogStream.error(error)
            }
            let end = try await log.mirrorEnd(of: source)
            guard chain.withLock({ $0.startOver(after: end.sequence, by: end.writer) }) else {
                throw MirrorContested(place: "the stream \(log.streamName)")
            }
            return end
        }

        /// Publishes events, and waits only while too many are on their way.
        ///
        /// - Throws: ``EventLogError``: as ``settled()``, if one of the earlier ones was not stored.
        package func write(_ events: [RecordedEvent]) async throws {
            for event in events {
                guard let expected = chain.withLock({ $0.admit() }) else { return try await settled() }
                var headers = NewEvent(copying: event).headers(version: event.version)
                headers.append(
                    EventOrigin(log: source, position: event.position).header, for: EventHeader.origin.text)
                headers.append(run.uuidString.lowercased(), for: EventHeader.mirror.text)
                do {
                    try await publisher.publish(
                        event.data, to: log.stream.subject(of: event.stream), headers: headers,
                        options: PublishOptions(
                            expectedStream: log.streamName, expectedLastSequence: UInt64(expected))
                    ) { outcome in
                        if self.chain.withLock({ $0.settle(expected, outcome) }) { self.onBreak() }
                    }
                } catch {
                    _ = chain.withLock { $0.settle(expected, .failure(error)) }
                    if error.code == .messageTooLarge {
                        throw EventLogError(
                            .invalidAppend,
                            "the event at position \(event.position) is larger than the servers of the stream take: raise max_payload in their configuration",
                            stream: event.stream, underlying: error)
                    }
                    throw LogStream.error(error)
                }
            }
        }

        /// Whether a message was not stored.
        package var isBroken: Bool { chain.withLock(\.isBroken) }

        /// Waits until everything is stored.
        ///
        /// - Throws: ``EventLogError`` with `unavailable` if something was not: begin again (``begin()``).
        package func settled() async throws {
            do {
                try await publisher.settled()
            } catch {
                throw LogStream.error(error)
            }
            switch chain.withLock({ $0.verdict() }) {
            case .unbroken:
                return
            case .startOver(let error):
                throw EventLogError(
                    .unavailable, "events were not stored: \(error?.message ?? "the stream has another last message")",
                    underlying: error)
            case .failed(let error):
                throw LogStream.error(error)
            }
        }
    }

    /// Another mirror writes to the same stream, and has the right to it.
    package struct MirrorContested: Error, CustomStringConvertible {
        package let place: String

        package init(place: String) {
            self.place = place
        }

        package var description: String {
            "another mirror, which was there first, is at work on \(place), so this one has ended; nothing is there twice. Let one mirror run, and append to the log that it copies"
        }
    }
#endif
