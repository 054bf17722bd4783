import HindsightPostgres
import Testing

@Suite("Notifications", .timeLimit(.minutes(1)))
struct NotificationTests {
    @Test func notificationsArriveWhileTheConnectionIsIdle() async throws {
        let listener = try await TestServer.connect()
        let sender = try await TestServer.connect()
        var iterator = try await listener.notifications(on: "Chän\"nel").makeAsyncIterator()
        for number in 0..<100 {
            try await sender.withSession { try $0.execute("select pg_notify(\("Chän\"nel"), \("payload \(number)"))") }
            let notification = try #require(try await iterator.next())
            #expect(
                notification
                    == PostgresNotification(
                        channel: "Chän\"nel", payload: "payload \(number)", processID: sender.processID))
        }
    }

    @Test func workGoesOnBesideListening() async throws {
        let listener = try await TestServer.connect()
        let sender = try await TestServer.connect()
        let notifications = try await listener.notifications(on: "beside")
        async let received = notifications.prefix(50).reduce(into: [String]()) { $0.append($1.payload) }
        for number in 0..<50 {
            try await sender.withSession { try $0.execute("select pg_notify('beside', \(String(number)))") }
            let value: Int = try await listener.withSession { try $0.query("select \(number)")[0].decode(0) }
            #expect(value == number)
        }
        #expect(try await received == (0..<50).map(String.init))
    }

    @Test func severalListenersAndChannels() async throws {
        let connection = try await TestServer.connect()
        var first = try await connection.notifications(on: "several_a").makeAsyncIterator()
        var second = try await connection.notifications(on: "several_a").makeAsyncIterator()
        var other = try await connection.notifications(on: "several_b").makeAsyncIterator()
        // A connection hears itself too.
        try await connection.withSession { try $0.script("notify several_a, '1'; notify several_b, '2'") }
        #expect(try await first.next()?.payload == "1")
        #expect(try await second.next()?.payload == "1")
        #expect(try await other.next()?.payload == "2")
    }

    @Test func theChannelIsLeftWhenNobodyListens() async throws {
        let connection = try await TestServer.connect()
        do {
            let task = Task {
                for try await _ in try await connection.notifications(on: "left") {}
            }
            var isListening = false
            while !isListening {
                isListening = try await connection.withSession {
                    try $0.query("select pg_listening_channels()").isEmpty == false
                }
            }
            task.cancel()
            try await task.value
        }
        let count = try await connection.withSession { try $0.query("select pg_listening_channels()").count }
        #expect(count == 0)
    }

    @Test func aLostConnectionEndsTheSequenceWithAnError() async throws {
        let listener = try await TestServer.connect()
        let sender = try await TestServer.connect()
        let notifications = try await listener.notifications(on: "lost")
        try await sender.withSession { try $0.script("notify lost, 'last'") }
        // A server process that is told of a notification and of its end at once ends first. Work makes it deliver.
        try await listener.withSession { try $0.script("select 1") }
        try await sender.withSession { try $0.execute("select pg_terminate_backend(\(listener.processID))") }
        var payloads: [String] = []
        let error = try await postgresError {
            for try await notification in notifications { payloads.append(notification.payload) }
        }
        #expect(payloads == ["last"])
        #expect(error.code == .connectionLost)
    }

    @Test func closingEndsTheSequence() async throws {
        let connection = try await TestServer.connect()
        let notifications = try await connection.notifications(on: "closing")
        await connection.close()
        for try await _ in notifications {}
    }

    @Test func theSequenceKeepsTheConnection() async throws {
        let sender = try await TestServer.connect()
        var iterator = try await TestServer.connect().notifications(on: "kept").makeAsyncIterator()
        try await sender.withSession { try $0.script("notify kept") }
        #expect(try await iterator.next()?.payload == "")
    }
}
