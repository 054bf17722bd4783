#if NATS
    import HindsightNATS
    import HindsightTestSupport
    import Testing

    @Suite("Streams and consumers", .timeLimit(.minutes(2)))
    struct StreamTests {
        @Test func areCreatedChangedListedAndDeleted() async throws {
            try await withJetStream { jetStream in
                let name = NATSTestServer.uniqueName("S")
                var configuration = StreamConfiguration(name: name, subjects: ["\(name).*", "\(name).x.>"])
                configuration.summary = "orders \"and\" more"
                configuration.discard = .new
                configuration.deniesDelete = true
                configuration.duplicateWindow = .seconds(60)
                configuration.maximumAge = .seconds(3600)
                configuration.compression = .s2
                configuration.metadata = ["own": "1"]
                let created = try await jetStream.createStream(configuration)
                #expect(created.configuration.maximumAge == .seconds(3600))
                #expect(created.configuration.metadata["own"] == "1")
                #expect(created.configuration.replicas == 1)
                #expect(created.configuration.maximumMessages == nil)
                #expect(created.state.lastSequence == 0)
                #expect(created.state.firstTime == nil)
                // The same again is the same stream; something else is not.
                #expect(try await jetStream.createStream(configuration).created == created.created)
                configuration.discard = .old
                #expect(await failure { _ = try await jetStream.createStream(configuration) }?.code == .streamExists)
                // What a server says can be changed and sent back.
                var changed = created.configuration
                changed.maximumAge = .seconds(7200)
                changed.metadata["other"] = "2"
                let updated = try await jetStream.updateStream(changed)
                #expect(updated.configuration.maximumAge == .seconds(7200))
                #expect(updated.configuration.metadata["own"] == "1")
                #expect(updated.configuration.compression == .s2)
                #expect(try await jetStream.streamNames().contains(name))
                #expect(try await jetStream.streamNames(storing: "\(name).x.y") == [name])
                try await jetStream.publish("1".utf8, to: "\(name).a")
                try await jetStream.publish("2".utf8, to: "\(name).a")
                let info = try await jetStream.streamInfo(name, subjects: ">")
                #expect(info.state.subjects == ["\(name).a": 2])
                #expect(info.state.messages == 2 && info.state.firstSequence == 1 && info.state.lastTime != nil)
                let denied = await failure { try await jetStream.deleteMessage(1, of: name) }
                #expect(denied?.serverText?.contains("not permitted") == true)
                #expect(try await jetStream.purge(name, .keepingLast(1)) == 1)
                try await jetStream.deleteStream(name)
                #expect(await failure { _ = try await jetStream.streamInfo(name) }?.code == .streamNotFound)
            }
        }

        @Test func losesMessagesThatAreDeletedAndPurged() async throws {
            try await withJetStream { jetStream in
                let stream = try await jetStream.makeStream()
                try await jetStream.fill(stream, with: 10, subjects: 2)
                try await jetStream.deleteMessage(5, of: stream)
                #expect(await failure { try await jetStream.deleteMessage(5, of: stream) }?.code == .messageNotFound)
                #expect(try await jetStream.streamInfo(stream).state.deleted == 1)
                #expect(try await jetStream.purge(stream, .before(4)) == 3)
                #expect(try await jetStream.purge(stream, .subject("\(stream).0")) == 4)
                #expect(try await jetStream.purge(stream) == 2)
                let state = try await jetStream.streamInfo(stream).state
                #expect(state.messages == 0 && state.lastSequence == 10 && state.firstSequence == 11)
            }
        }

        @Test func consumersAreCreatedChangedListedAndDeleted() async throws {
            try await withJetStream { jetStream in
                let stream = try await jetStream.makeStream()
                try await jetStream.fill(stream, with: 10, subjects: 2)
                var configuration = ConsumerConfiguration.durable("one")
                configuration.filters = ["\(stream).1"]
                configuration.acknowledgementWait = .milliseconds(1500)
                configuration.maximumUnacknowledged = 1
                configuration.start = .sequence(4)
                let one = try await jetStream.createConsumer(configuration, on: stream)
                let info = try await one.info()
                #expect(info.configuration.acknowledgementWait == .milliseconds(1500))
                #expect(info.configuration.start == .sequence(4))
                #expect(info.pending == 3)
                #expect(info.configuration.isDurable)
                _ = try await jetStream.createConsumer(configuration, on: stream)
                configuration.acknowledgementWait = .seconds(2)
                let exists = await failure { _ = try await jetStream.createConsumer(configuration, on: stream) }
                #expect(exists?.code == .consumerExists)
                _ = try await jetStream.consumer(configuration, on: stream)
                #expect(try await one.info().configuration.acknowledgementWait == .seconds(2))
                var other = ConsumerConfiguration.durable("other")
                let missing = await failure { _ = try await jetStream.updateConsumer(other, on: stream) }
                #expect(missing?.code == .consumerNotFound)
                other.filters = ["\(stream).0", "\(stream).1"]
                other.start = .time(JetStreamTime(nanoseconds: 1_700_000_000_500_000_000))
                other.backoff = [.seconds(1), .seconds(5)]
                other.maximumDeliveries = 7
                let others = try await jetStream.consumer(other, on: stream)
                #expect(try await others.info().pending == 10)
                #expect(try await jetStream.consumerNames(on: stream).sorted() == ["one", "other"])
                try await jetStream.deleteConsumer("other", on: stream)
                #expect(await failure { _ = try await others.info() }?.code == .consumerNotFound)
                let stranger = await failure { _ = try await jetStream.consumer(named: "other", on: stream) }
                #expect(stranger?.code == .consumerNotFound)
            }
        }

        @Test(arguments: ["", "a.b", "a b", "a*", ">", "a/b", "a\r\nPUB x 0"])
        func haveNamesThatTheProtocolCanCarry(name: String) async throws {
            try await withJetStream { jetStream in
                #expect(await failure { _ = try await jetStream.streamInfo(name) }?.code == .invalidRequest)
                #expect(await failure { _ = try await jetStream.consumerInfo(name, on: "S") }?.code == .invalidRequest)
            }
        }

        @Test("21: a server that passes over a setting is found out")
        func comparesOnlyWhatWasAskedFor() {
            let asked = JSONMembers([
                "name": .string("S"), "deny_delete": .bool(true), "allow_atomic": .bool(true), "max_age": .integer(0),
                "metadata": .object(["own": .string("1")]), "subjects": .array([.string("a")]),
                "opt_start_time": .string("2026-01-01T00:00:00.000000000Z"),
            ])
            var echo: [String: JSONValue] = [
                "name": .string("S"), "deny_delete": .bool(true), "allow_atomic": .bool(true), "more": .integer(7),
                "metadata": .object(["own": .string("1"), "_nats.ver": .string("2.15.1")]),
                "subjects": .array([.string("a")]), "opt_start_time": .string("2026-01-01T00:00:00Z"),
            ]
            #expect(ConfigurationEcho.differences(asked: asked, echoed: JSONMembers(echo)).isEmpty)
            echo["allow_atomic"] = nil
            echo["metadata"] = .object(["own": .string("2")])
            echo["subjects"] = .array([.string("a"), .string("b")])
            let differences = ConfigurationEcho.differences(asked: asked, echoed: JSONMembers(echo))
            #expect(differences.count == 3, "\(differences)")
        }
    }
#endif
