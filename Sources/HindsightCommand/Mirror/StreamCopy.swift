#if NATS
    import HindsightJetStream
    import HindsightProjections

    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    /// A log on JetStream that ``StreamMirror`` has made, whose messages say where they come from.
    struct StreamCopy: LogCopy {
        let log: JetStreamEventLog

        func source() async throws -> UUID? { try await log.origin(at: 1)?.log }

        func forEachEvent(_ body: (CopiedEvent) throws -> Bool) async throws {
            try await log.forEachCopy { event, origin in
                try body(
                    CopiedEvent(id: event.id, type: event.type, position: event.position, origin: origin.position))
            }
        }
    }
#endif
