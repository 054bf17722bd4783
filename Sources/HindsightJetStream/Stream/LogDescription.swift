#if NATS
    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    /// What is fixed for the life of a log.
    struct LogDescription: Sendable {
        /// The log's identity.
        var identity: UUID
        /// Within which time the servers know an id again.
        var duplicateWindow: Duration
        /// How many servers have the stream.
        var replicas: Int
        /// What endangers the log without making it unusable.
        var warnings: [String]
    }
#endif
