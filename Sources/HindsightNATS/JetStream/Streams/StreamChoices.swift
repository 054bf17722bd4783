#if NATS
    /// When a stream removes messages.
    public enum StreamRetention: String, Sendable, JSONConvertible {
        /// When its limits are reached.
        case limits
        /// When all consumers have acknowledged them.
        case interest
        /// When one consumer has acknowledged them.
        case workQueue = "workqueue"
    }

    /// Where a stream keeps its messages.
    public enum StreamStorage: String, Sendable, JSONConvertible {
        /// In files. They are written to the disk itself at the server's `sync_interval`, 2 minutes by default.
        case file
        /// In memory.
        case memory
    }

    /// What a stream does when a limit is reached.
    public enum StreamDiscard: String, Sendable, JSONConvertible {
        /// It removes the oldest messages.
        case old
        /// It refuses new messages.
        case new
    }

    /// How a stream's files are compressed.
    public enum StreamCompression: String, Sendable, JSONConvertible {
        /// Not at all.
        case none
        /// With S2, a relative of Snappy.
        case s2
    }
#endif
