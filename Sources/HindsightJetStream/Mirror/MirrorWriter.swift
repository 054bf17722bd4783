#if NATS
    package import HindsightLog
    import HindsightNATS
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
        private let chain = Mutex(MirrorChain(after: 0))

        init(
            _ log: JetStreamEventLog, of source: UUID, _ publisher: JetStreamPublisher,
            onBreak: @escaping @Sendable () -> Void
        ) {
            self.log = log
            self.source = source
            self.publisher = publisher
            self.onBreak = onBreak
        }

        /// Waits until everything on its way was answered, finds out where the mirror ends, and begins there.
        ///
        /// - Returns: the place of the last copied event in the log that it comes from.
        /// - Throws: ``EventLogError`` with `unusableLog` if the last event of the stream is no copy from that log.
        package func begin() async throws -> Offset {
            do {
                try await publisher.settled()
            } catch {
                throw LogStream.error(error)
            }
            let end = try await log.mirrorEnd(of: source)
            chain.withLock { $0.startOver(after: end.sequence) }
            return end.reached
        }

        /// Publishes events, and waits only while too many are on their way.
        ///
        /// - Throws: ``EventLogError``: as ``settled()``, if one of the earlier ones was not stored.
        package func write(_ events: [RecordedEvent]) async throws {
            for event in events {
                guard let expected = chain.withLock({ $0.admit() }) else { return try await settled() }
                var headers = NewEvent(event).headers(version: event.version)
                headers.append(
                    EventOrigin(log: source, position: event.position).header, for: EventHeader.origin.text)
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
        /// - Throws: ``EventLogError`` with `unavailable` if something was not: begin again (``begin()``); with `contention` if somebody
        ///   else writes to the stream.
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
            case .contested:
                throw MirrorContested(place: "the stream \(log.streamName)")
            case .failed(let error):
                throw LogStream.error(error)
            }
        }
    }

    /// Somebody else writes to a mirror.
    package struct MirrorContested: Error, CustomStringConvertible {
        package let place: String

        package init(place: String) {
            self.place = place
        }

        package var description: String {
            "another mirror or a writer is at work on \(place), so this one has ended; nothing is there twice. Let one mirror run, and append to the log that it copies"
        }
    }

    extension NewEvent {
        /// An event as another log has it.
        init(_ event: RecordedEvent) {
            self.init(
                type: event.type, schemaVersion: event.schemaVersion, data: event.data, id: event.id,
                occurredAt: event.occurredAt, recordedAt: event.recordedAt, correlationID: event.correlationID,
                causationID: event.causationID, metadata: event.metadata)
        }
    }
#endif
