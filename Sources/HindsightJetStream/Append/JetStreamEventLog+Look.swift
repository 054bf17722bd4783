#if NATS
    import HindsightLog
    import HindsightNATS
    import HindsightValues

    extension JetStreamEventLog {
        /// Where a stream ends, from the leader.
        func tail(of name: StreamName) async throws -> StreamTail {
            guard let message = try await stream.message(.last(subject(of: name))) else { return .none }
            var decoder = EventDecoder(stream.mapping, fields: [])
            guard let event = try decoder.event(message) else { return .none }
            return StreamTail(position: event.position, version: event.version)
        }

        /// Looks where streams end and which events they have, either all of them or those that were stored since a time.
        ///
        /// - Parameters:
        ///   - names: the streams.
        ///   - time: the time, or a little before it; `nil` for all events.
        func look(at names: [StreamName], since time: Timestamp?) async throws -> StreamLook {
            var found = StreamLook()
            for name in names {
                let (tail, events) = try await look(at: name, since: time)
                found.tails[name] = tail
                found.events += events
            }
            return found
        }

        private func look(at name: StreamName, since time: Timestamp?) async throws -> (StreamTail, [RecordedEvent]) {
            var decoder = EventDecoder(stream.mapping)
            let subject = subject(of: name)
            var events: [RecordedEvent] = []
            var last: Int64 = 0
            var pause = Backoff(initial: .milliseconds(5), maximum: .milliseconds(200))
            while true {
                try Task.checkCancellation()
                // The bulk from any replica, which may be behind; then the end from the leader, which must be the same.
                let place: MessageSelection =
                    if last == 0, let time {
                        .since(JetStreamTime(nanoseconds: time.microsecondsSince1970 * 1_000), of: subject)
                    } else {
                        .from(UInt64(last) + 1, of: subject)
                    }
                var pending: UInt64 = 1
                let before = last
                while pending > 0 {
                    let selection: MessageSelection = last == before ? place : .from(UInt64(last) + 1, of: subject)
                    let page = try await stream.messages(selection.limited(toMessages: 1_000, bytes: 4 << 20))
                    for message in page.messages {
                        last = Int64(message.sequence)
                        if let event = try decoder.event(message) { events.append(event) }
                    }
                    pending = page.messages.isEmpty ? 0 : page.pending
                }
                guard let message = try await stream.message(.last(subject)) else { return (.none, events) }
                guard let end = try decoder.event(message) else { return (.none, events) }
                let tail = StreamTail(position: end.position, version: end.version)
                if last == end.position { return (tail, events) }
                // Nothing was stored since the time, as the last event is older than it.
                if last == 0, let time, Timestamp(message.time) < time { return (tail, events) }
                if last == before { try await Task.sleep(for: pause.next()) }
            }
        }
    }
#endif
