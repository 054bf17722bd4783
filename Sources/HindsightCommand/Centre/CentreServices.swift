#if NATS
    import HindsightNATS
    import Logging
    import ServiceLifecycle

    /// Runs what a command does over a connection to NATS, until a signal drains it.
    enum CentreServices {
        /// - Parameters:
        ///   - service: what the command does; its end is the command's.
        ///   - client: the connection, which ends after it.
        ///   - limit: how long a signal waits for what is in flight.
        static func run(
            _ service: some Service, over client: NATSClient, drainingWithin limit: Duration, logger: Logger
        ) async throws {
            let group = ServiceGroup(
                configuration: ServiceGroupConfiguration(
                    // They end in the opposite order: the answers go out before the connection is closed.
                    services: [
                        .init(service: client, failureTerminationBehavior: .cancelGroup),
                        .init(
                            service: service, successTerminationBehavior: .gracefullyShutdownGroup,
                            failureTerminationBehavior: .cancelGroup),
                    ],
                    logger: logger))
            try await Interruptions.draining(within: limit) {
                await group.triggerGracefulShutdown()
            } _: {
                try await group.run()
            }
        }
    }

    /// Somebody who does tasks for an event centre.
    struct CentreWorker: Service {
        let work: @Sendable () async throws -> Void

        func run() async throws { try await work() }
    }
#endif
