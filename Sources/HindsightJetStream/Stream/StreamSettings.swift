#if NATS
    import HindsightLog
    import HindsightNATS

    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    /// The settings of a log's stream: those that it is made with, and what is wrong with those that it has.
    ///
    /// Whether the servers write to the disk before they acknowledge (`sync_interval`) is in no answer to a client.
    struct StreamSettings {
        /// The metadata with the identity of the log.
        static let identityKey = "hindsight.log"
        /// The metadata with the form of the messages.
        static let formatKey = "hindsight.format"
        static let format = "1"

        /// The settings of a new stream.
        static func new(
            name: String, mapping: SubjectMapping, identity: UUID, replicas: Int, duplicateWindow: Duration
        ) -> StreamConfiguration {
            var configuration = StreamConfiguration(name: name, subjects: [NATSSubject(mapping.all)])
            configuration.retention = .limits
            configuration.storage = .file
            configuration.discard = .new
            configuration.replicas = replicas
            configuration.duplicateWindow = duplicateWindow
            configuration.allowsDirectReads = true
            configuration.allowsBatches = true
            configuration.deniesDelete = true
            configuration.deniesPurge = true
            configuration.metadata = [
                identityKey: identity.uuidString.lowercased(), formatKey: format,
            ]
            return configuration
        }

        /// What a stream is as a log.
        ///
        /// - Throws: `unusableLog` with everything that makes it unusable.
        static func describe(_ info: StreamInfo, mapping: SubjectMapping) throws(EventLogError) -> LogDescription {
            let configuration = info.configuration
            let name = configuration.name
            guard let identity = configuration.metadata[identityKey].flatMap(UUID.init(uuidString:)) else {
                throw EventLogError(
                    .unusableLog,
                    "the stream \(name) is no log of Hindsight: its metadata have no \(identityKey). Name another stream, which is created then"
                )
            }
            guard configuration.metadata[formatKey] == format else {
                throw EventLogError(
                    .unusableLog,
                    "the stream \(name) has the format \(configuration.metadata[formatKey] ?? "of nobody"), and this program knows \(format): use the program that wrote it"
                )
            }
            let faults = faults(configuration, mapping) + losses(info.state)
            guard faults.isEmpty else {
                throw EventLogError(
                    .unusableLog, "the stream \(name) cannot be a log: \(faults.joined(separator: "; "))")
            }
            return LogDescription(
                identity: identity, duplicateWindow: configuration.duplicateWindow ?? .zero,
                replicas: configuration.replicas ?? 1, warnings: warnings(configuration))
        }

        /// What removes or changes events, or keeps them from being read or appended.
        static func faults(_ configuration: StreamConfiguration, _ mapping: SubjectMapping) -> [String] {
            var faults: [String] = []
            func check(_ isFine: Bool, _ fault: String) { if !isFine { faults.append(fault) } }
            check(
                configuration.subjects.map(\.rawValue) == [mapping.all],
                "its subjects are \(configuration.subjects.map(\.rawValue)), and the log's are \(mapping.all): set the prefix of the log's subjects"
            )
            check(
                configuration.retention ?? .limits == .limits,
                "its retention is not \"limits\", so that events are removed")
            check(configuration.maximumMessages == nil, "max_msgs is set, which removes events or refuses them")
            check(
                configuration.maximumBytes == nil || configuration.discard == .new,
                "max_bytes is set and discards the oldest events")
            check(configuration.maximumAge == nil, "max_age is set, which removes old events")
            check(configuration.maximumMessagesPerSubject == nil, "max_msgs_per_subject is set, which removes events")
            check(!configuration.allowsRollup, "allow_rollup_hdrs is set, with which a message removes those before it")
            check(!configuration.allowsMessageLifetimes, "allow_msg_ttl is set, with which a message removes itself")
            check(
                configuration.subjectTransform == nil, "subject_transform is set, which changes the streams of events")
            check(configuration.sources.isEmpty && configuration.mirror == nil, "it gets messages of other streams")
            check(
                configuration.persistMode.map { $0 != "async" } ?? true,
                "persist_mode is \"async\": what is acknowledged can be lost")
            check(!configuration.isSealed, "it is sealed")
            check(!configuration.omitsAcks, "no_ack is set, so that nobody learns what is stored")
            check(
                configuration.maximumConsumers == nil,
                "max_consumers is set, and each reader of the log needs a consumer of its own")
            check(
                configuration.allowsDirectReads,
                "allow_direct is not set, which reading needs: nats stream edit --allow-direct")
            check(configuration.allowsBatches, "allow_atomic is not set, which appending several events needs")
            return faults
        }

        /// What is missing already.
        static func losses(_ state: StreamState) -> [String] {
            guard state.lastSequence > 0 else { return [] }
            var losses: [String] = []
            if state.firstSequence > 1 { losses.append("its events below position \(state.firstSequence) are gone") }
            if state.deleted > 0 { losses.append("\(state.deleted) of its events were deleted") }
            return losses
        }

        /// What endangers the log without making it unusable.
        static func warnings(_ configuration: StreamConfiguration) -> [String] {
            var warnings: [String] = []
            func warn(_ isFine: Bool, _ warning: String) { if !isFine { warnings.append(warning) } }
            warn(configuration.storage ?? .file == .file, "the log is kept in memory, and is gone with the servers")
            warn(configuration.deniesDelete, "events can be deleted: deny_delete is not set")
            warn(configuration.deniesPurge, "the log can be purged: deny_purge is not set")
            warn(configuration.maximumBytes == nil, "max_bytes is set: a full log refuses appends")
            warn(configuration.maximumMessageSize == nil, "max_msg_size is set: larger events are refused")
            warn(!configuration.isRepublished, "events are published again under other subjects")
            warn(
                configuration.duplicateWindow.map { $0 >= .seconds(30) } ?? false,
                "the duplicate window is shorter than 30 seconds: an id that comes back in another stream later is stored again"
            )
            return warnings
        }
    }
#endif
