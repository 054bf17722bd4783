#if NATS
    import HindsightLog
    import HindsightNATS
    public import HindsightValues

    extension JetStreamEventLog {
        /// Looks at the stream's settings, at what its leader says of what it holds, and at its servers. It reads one message;
        /// `inspect(_:)` reads them all.
        ///
        /// - Throws: ``EventLogError`` with `unavailable` if the stream has no leader, or no server answers.
        public func examine(app: String) async throws -> HealthReport {
            let stream = stream.withoutPatience
            let info: StreamInfo
            do {
                info = try await stream.info()
            } catch let error as EventLogError where (error.underlying as? JetStreamError)?.code == .streamNotFound {
                return HealthReport([
                    HealthFinding(
                        .danger, "There is no stream \(stream.name).",
                        remedy:
                            "`\(app) database migrate` creates it; if it has been there, restore it, or mend the name in --log or HINDSIGHT_LOG"
                    )
                ])
            }
            var seen = StreamObservations(
                info: info, mapping: stream.mapping, isClustered: client.serverInfo?.cluster != nil)
            // After what the leader has said, so that what is stored in between is no contradiction.
            if let message = try await stream.message(.last(">")) {
                seen.last = message.sequence
                var decoder = EventDecoder(stream.mapping)
                do {
                    _ = try decoder.event(message)
                } catch let error as EventLogError where error.code == .unusableLog {
                    seen.foreign = error.message
                }
            }
            return seen.report(app: app)
        }
    }
#endif
