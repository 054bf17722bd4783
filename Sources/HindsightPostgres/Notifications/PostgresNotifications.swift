/// The notifications of one channel, as they arrive. The sequence keeps the connection open.
///
/// A slow reader loses the oldest ones: at most ``bufferedCount`` wait for it. Treat a notification as a hint to look,
/// not as data.
public struct PostgresNotifications: AsyncSequence, Sendable {
    /// How many notifications wait for a slow reader.
    public static let bufferedCount = 1_024

    let connection: PostgresConnection
    let stream: AsyncThrowingStream<PostgresNotification, any Error>

    /// Iterates over the notifications.
    ///
    /// - Important: The sequence ends when the connection is closed or the task is cancelled, and throws
    ///   ``PostgresError`` when the connection is lost.
    public func makeAsyncIterator() -> Iterator {
        Iterator(connection: connection, base: stream.makeAsyncIterator())
    }

    /// Iterates over the notifications.
    public struct Iterator: AsyncIteratorProtocol {
        let connection: PostgresConnection
        var base: AsyncThrowingStream<PostgresNotification, any Error>.AsyncIterator

        /// The next notification, `nil` at the end.
        ///
        /// - Throws: ``PostgresError`` with code `connectionLost` when the connection is lost.
        public mutating func next() async throws -> PostgresNotification? {
            try await next(isolation: #isolation)
        }

        /// The next notification, `nil` at the end.
        ///
        /// - Throws: ``PostgresError`` with code `connectionLost` when the connection is lost.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws -> PostgresNotification? {
            try await base.next(isolation: actor)
        }
    }
}
