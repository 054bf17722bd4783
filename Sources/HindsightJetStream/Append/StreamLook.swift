#if NATS
    import HindsightLog

    /// What a look at streams has found: their ends, and their events from a place on, both of one moment.
    ///
    /// Of one moment, because an append that takes its end from one reading and looks for its ids in another can be refused for ever by
    /// writers who are faster.
    struct StreamLook {
        var tails: [StreamName: StreamTail] = [:]
        var events: [RecordedEvent] = []
    }
#endif
