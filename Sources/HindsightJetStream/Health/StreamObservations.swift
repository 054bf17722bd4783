#if NATS
    import HindsightNATS

    /// What can be seen of a log's stream at one moment, from which findings are decided.
    struct StreamObservations {
        /// What its leader says.
        var info: StreamInfo
        let mapping: SubjectMapping
        /// Whether the server that answers is one of a cluster.
        var isClustered: Bool
        /// The position of the last message, which was looked for after ``info``; `nil` if the leader has none.
        var last: UInt64?
        /// What is wrong with the last message; `nil` if it is an event, or there is none.
        var foreign: String?

        var name: String { info.configuration.name }
    }
#endif
