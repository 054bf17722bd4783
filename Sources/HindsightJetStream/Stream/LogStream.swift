#if NATS
    import HindsightLog
    import HindsightNATS
    import HindsightValues

    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    /// The stream that a log is in: what is asked of it, with the errors of a log.
    struct LogStream: Sendable {
        private(set) var jetStream: JetStream
        let name: String
        let mapping: SubjectMapping

        init(jetStream: JetStream, name: String, mapping: SubjectMapping) {
            self.jetStream = jetStream
            self.name = name
            self.mapping = mapping
        }

        /// The same stream, of which nothing is asked again while nobody answers.
        var withoutPatience: LogStream {
            var impatient = self
            impatient.jetStream.patience = .zero
            return impatient
        }

        /// What the events of one of the log's streams are published to.
        func subject(of stream: StreamName) -> NATSSubject { NATSSubject(mapping.subject(of: stream)) }

        // MARK: - Settings

        /// The limits of an append to a server that takes messages of this size, payload and headers.
        static func limits(maximumPayload: Int) -> EventLogLimits {
            var limits = EventLogLimits()
            // In base 64, and with ids of which each byte may take three, this is well below the room for headers.
            let room = min(64 << 10, maximumPayload / 2)
            limits.metadataBytes = room / 2
            limits.correlationBytes = min(1 << 10, room / 64)
            limits.eventBytes = max(1, maximumPayload - room)
            limits.batchEvents = JetStream.maximumBatchCount
            limits.batchStreams = JetStream.maximumBatchCount
            limits.batchBytes = 64 << 20
            return limits
        }

        /// What the stream is as a log.
        func describe() async throws -> LogDescription {
            try StreamSettings.describe(try await info(), mapping: mapping)
        }

        /// Makes the stream if it is missing.
        func prepare(replicas: Int?, duplicateWindow: Duration) async throws -> LogDescription {
            do throws(JetStreamError) {
                _ = try await jetStream.streamInfo(name)
            } catch  where error.code == .streamNotFound {
                let isClustered = jetStream.client.serverInfo?.cluster != nil
                let settings = StreamSettings.new(
                    name: name, mapping: mapping, identity: UUID.version7(at: .now()),
                    replicas: replicas ?? (isClustered ? 3 : 1), duplicateWindow: duplicateWindow)
                do throws(JetStreamError) {
                    _ = try await jetStream.createStream(settings)
                } catch  where error.code == .streamExists {
                    // Another process was faster, with an identity of its own.
                } catch {
                    throw Self.error(error)
                }
            } catch {
                throw Self.error(error)
            }
            return try await describe()
        }

        /// What the leader says of the stream.
        func info(subjects: String? = nil) async throws -> StreamInfo {
            do throws(JetStreamError) {
                return try await jetStream.streamInfo(name, subjects: subjects.map { NATSSubject($0) })
            } catch {
                throw Self.error(error)
            }
        }

        // MARK: - Messages

        /// A message from the leader; `nil` if it says that there is none.
        func message(_ place: MessagePlace) async throws -> StoredMessage? {
            do throws(JetStreamError) {
                return try await jetStream.message(in: name, place)
            } catch {
                throw Self.error(error)
            }
        }

        /// Messages from any replica, which may be behind.
        func messages(_ selection: MessageSelection) async throws -> StoredMessages {
            do throws(JetStreamError) {
                return try await jetStream.messages(in: name, selection)
            } catch {
                throw Self.error(error)
            }
        }

        // MARK: - Errors

        /// An error of JetStream as one of a log.
        static func error(_ error: JetStreamError) -> any Error {
            switch error.code {
            case .cancelled:
                CancellationError()
            case .streamNotFound:
                EventLogError(
                    .unusableLog, "\(error.message). Create it with prepare(), or name the stream of the log",
                    underlying: error)
            case .messageTooLarge, .batchTooLarge:
                EventLogError(.invalidAppend, error.message, underlying: error)
            case .closed, .draining:
                EventLogError(.unavailable, "the connection to NATS is closed: \(error.message)", underlying: error)
            case _ where error.isRetriable:
                EventLogError(.unavailable, "NATS cannot be reached at the moment: \(error.message)", underlying: error)
            default:
                EventLogError(.unusableLog, error.message, underlying: error)
            }
        }
    }
#endif
