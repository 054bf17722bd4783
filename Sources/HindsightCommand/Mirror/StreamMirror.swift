#if NATS
    import Hindsight
    import HindsightJetStream

    /// A log on JetStream as a mirror.
    struct StreamMirror: MirrorTarget {
        let writer: MirrorWriter

        var isBroken: Bool { writer.isBroken }

        func begin() async throws -> MirrorEnd {
            let end = try await writer.begin()
            return MirrorEnd(reached: end.reached, events: end.sequence)
        }

        func write(_ events: [RecordedEvent]) async throws { try await writer.write(events) }

        func settled() async throws { try await writer.settled() }
    }
#endif
