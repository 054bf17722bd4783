#if NATS
    import HindsightNATS
    import HindsightValues

    extension StreamObservations {
        /// Decides what is worth saying.
        ///
        /// - Parameter app: the program whose commands are named.
        func report(app: String) -> HealthReport {
            HealthReport(
                settingFindings(app) + lossFindings + serverFindings + clockFindings,
                unseen: [
                    "whether the servers of the log write to the disk before they acknowledge (sync_interval: always), which no client can see"
                ])
        }

        /// What is left where events are gone.
        private static let restore =
            "restore the stream from a backup or a mirror. Views that were filled before have what is missing: keep them until then"

        /// After how long without a sign a server with a copy is away. It gives one each second.
        private static let silence = Duration.seconds(10)

        private var edit: String { "`nats stream edit \(name)`" }

        // MARK: - Settings

        private func settingFindings(_ app: String) -> [HealthFinding] {
            let configuration = info.configuration
            guard configuration.metadata[StreamSettings.identityKey] != nil else {
                return [
                    HealthFinding(
                        .danger,
                        "The stream \(name) is no log of Hindsight: its metadata have no \(StreamSettings.identityKey).",
                        remedy: "name the stream of the log, or another one, which `\(app) database migrate` creates")
                ]
            }
            let format = configuration.metadata[StreamSettings.formatKey]
            guard format == StreamSettings.format else {
                return [
                    HealthFinding(
                        .danger,
                        "The stream \(name) has the format \(format ?? "of nobody"), and this program knows \(StreamSettings.format).",
                        remedy: "use the program that wrote it")
                ]
            }
            return StreamSettings.faults(configuration, mapping).map { fault in
                HealthFinding(
                    .danger, "The stream \(name) endangers its events: \(fault).",
                    remedy: "\(edit) changes the setting; no program uses the log until then")
            }
                + StreamSettings.warnings(configuration).map { warning in
                    HealthFinding(
                        .warning, "The stream \(name) has a setting that endangers the log: \(warning).",
                        remedy:
                            "\(edit) changes it; where the servers refuse that, `\(app) events mirror --to` a new stream and `\(app) projections move`"
                    )
                }
        }

        // MARK: - Events

        private var lossFindings: [HealthFinding] {
            var findings = StreamSettings.losses(info.state).map { loss in
                HealthFinding(
                    .danger, "The stream \(name) has lost events: \(loss).", evidence: counts, remedy: Self.restore)
            }
            if last ?? 0 < info.state.lastSequence {
                findings.append(
                    HealthFinding(
                        .danger,
                        "The stream \(name) has reached position \(info.state.lastSequence), and the event there is gone.",
                        evidence: counts, remedy: Self.restore))
            }
            if let foreign {
                findings.append(
                    HealthFinding(
                        .danger, "Somebody else has published to the stream \(name): \(foreign).",
                        remedy:
                            "find out who, and take from them the permission to publish to \(mapping.all): readers stop in front of it"
                    ))
            }
            return findings
        }

        private var counts: KeyValuePairs<String, String> {
            [
                "messages": "\(info.state.messages)", "first": "\(info.state.firstSequence)",
                "last": "\(info.state.lastSequence)", "deleted": "\(info.state.deleted)",
            ]
        }

        // MARK: - Servers

        private var serverFindings: [HealthFinding] {
            let count = info.configuration.replicas ?? 1
            var findings: [HealthFinding] = []
            if count == 1 {
                findings.append(
                    HealthFinding(
                        isClustered ? .warning : .note,
                        "One server alone has the log: it is gone with that server's disk, and out of reach while it is away.",
                        remedy: isClustered
                            ? "`nats stream edit \(name) --replicas 3`"
                            : "back the stream up, or mirror it: `nats stream backup \(name) FOLDER`"))
            } else if count.isMultiple(of: 2) {
                findings.append(
                    HealthFinding(
                        .warning,
                        "\(count) servers have the log: nothing can be appended while \(count / 2 == 1 ? "one of them is" : "\(count / 2) of them are") away, as with one server less.",
                        remedy: "`nats stream edit \(name) --replicas \(min(count + 1, 5))`"))
            }
            if !info.isOnOneServer, !info.hasMajority {
                findings.append(
                    HealthFinding(
                        .danger,
                        "The leader of the stream \(name) does not hear of a majority of its servers: nothing can be appended.",
                        evidence: ["leader": info.cluster?.leader ?? "none"],
                        remedy: "start the servers that are away, or mend the network between them"))
            }
            return findings + (info.cluster?.replicas ?? []).compactMap(finding)
        }

        private func finding(_ replica: StreamReplica) -> HealthFinding? {
            let heard = "\((replica.lastHeard / .seconds(1)).ageText) ago"
            // Its leader takes one to be gone only minutes after it was killed.
            if replica.isOffline || !replica.isCurrent && replica.lastHeard >= Self.silence {
                return HealthFinding(
                    .warning, "Server \(replica.name), which has a copy of the log, is away.",
                    evidence: ["last heard of": heard],
                    remedy: "start it, or have another server take its place: `nats stream cluster peer-remove \(name)`"
                )
            }
            guard !replica.isCurrent else { return nil }
            return HealthFinding(
                .note, "Server \(replica.name) does not have all of the log yet.",
                evidence: ["behind by": "\(replica.lag)", "last heard of": heard],
                remedy: "wait for it; if it stays behind, look into its log for the reason")
        }

        // MARK: - Clocks

        private var clockFindings: [HealthFinding] {
            guard let time = info.time, let stored = info.state.lastTime else { return [] }
            let ahead = Duration.nanoseconds(stored.nanoseconds - time.nanoseconds)
            guard info.state.messages > 0, ahead >= .seconds(1) else { return [] }
            return [
                HealthFinding(
                    .warning,
                    "The last event was stored \((ahead / .seconds(1)).ageText) in the future: a server's clock was set back, or those of the servers differ. Lags look shorter than they are, and starting at a time is not exact.",
                    remedy: "set the servers' clocks; it passes by itself when the time has come")
            ]
        }
    }
#endif
