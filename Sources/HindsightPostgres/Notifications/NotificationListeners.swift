import Synchronization

/// The listeners to each channel of a connection.
final class NotificationListeners: Sendable {
    typealias Continuation = AsyncThrowingStream<PostgresNotification, any Error>.Continuation

    private struct State {
        var channels: [String: [Int: Continuation]] = [:]
        /// Channels that the server still sends although they have no listeners.
        var abandoned: Set<String> = []
        var serial = 0
    }

    private let state = Mutex(State())

    /// Adds a listener. Returns its number, and whether it is the first one on its channel.
    func add(_ continuation: Continuation, channel: String) -> (number: Int, isFirst: Bool) {
        state.withLock { state in
            state.serial += 1
            let isFirst = state.channels[channel] == nil && state.abandoned.remove(channel) == nil
            state.channels[channel, default: [:]][state.serial] = continuation
            return (state.serial, isFirst)
        }
    }

    /// Removes a listener; when the last one of a channel is removed, the channel is abandoned.
    func remove(_ number: Int, channel: String) {
        state.withLock { state in
            guard state.channels[channel]?.removeValue(forKey: number) != nil else { return }
            if state.channels[channel]?.isEmpty == true {
                state.channels[channel] = nil
                state.abandoned.insert(channel)
            }
        }
    }

    func deliver(_ notification: PostgresNotification) {
        let listeners = state.withLock { Array(($0.channels[notification.channel] ?? [:]).values) }
        for listener in listeners {
            listener.yield(notification)
        }
    }

    /// Ends all sequences, with the error if there is one.
    func finish(throwing error: PostgresError?) {
        let listeners = state.withLock { state in
            defer { state.channels.removeAll() }
            return state.channels.values.flatMap(\.values)
        }
        for listener in listeners {
            listener.finish(throwing: error)
        }
    }

    func takeAbandonedChannels() -> Set<String> {
        state.withLock { state in
            defer { state.abandoned.removeAll() }
            return state.abandoned
        }
    }
}
