#if NATS
    package import HindsightLog
    package import HindsightValues

    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    /// A message that is to be published.
    package struct EventMessage {
        var event: StreamEvent
        var version: Int64
        /// The position of the last event of its stream, which the server compares; only for the first of a stream.
        var expectedPosition: Int64?
    }

    extension AppendCall {
        // MARK: - Ids

        /// The oldest time in the ids; `nil` if one of them tells none, or one that is in the future, and for an import.
        ///
        /// An event cannot have been stored before its id was made, so it need not be looked for further back.
        package func oldest(now: Timestamp) -> Timestamp? {
            guard idsTellTime else { return nil }
            var oldest = now
            for entry in events {
                guard let made = entry.event.id.madeAt, made <= now.advanced(by: Self.clockTolerance) else {
                    return nil
                }
                oldest = min(oldest, made)
            }
            return oldest
        }

        /// How far the clocks of this process and of the servers may be apart.
        package static let clockTolerance = Duration.seconds(5)

        /// How far the clock of whoever made an id may be ahead of those of the servers.
        package static let idTolerance = Duration.seconds(300)

        /// The number of the first id, of those that this process has made (``IDOrigin``); 0 if an id is not known to be one of them.
        private var firstID: UInt64 { events.reduce(.max) { min($0, $1.event.origin.number) } }

        /// Whether this process has made all of the ids within a time: no event with one of them can have been stored before that.
        package func isMadeHere(within time: Duration, now: Timestamp) -> Bool {
            guard firstID > 0, let oldest = oldest(now: now) else { return false }
            return oldest >= now.advanced(by: .zero - time)
        }

        /// The age of the events for a stream to which they have just been appended.
        package func age(now: Timestamp) -> StreamTail.Age {
            // What came from elsewhere may be the same as any id that was made here.
            let lastID = firstID > 0 ? events.reduce(0) { max($0, $1.event.origin.number) } : IDOrigin.latest
            return StreamTail.Age(storedAt: now, lastID: lastID)
        }

        /// Whether events may be in their streams already, so that they must be looked for before anything is published: nothing but
        /// the ids would stop a repetition, and the servers do not remember these for longer than their window, which can end while a
        /// message is on its way.
        ///
        /// New events are not there: those whose ids this process has made since it knows where the stream ends, and those whose ids
        /// are younger than its last event. That includes streams that must have a version, which whoever repeats an append may have
        /// read after it was stored; a stream that must be new cannot have them.
        package func isPerhapsStored(
            _ tails: [StreamName: StreamTail], now: @autoclosure () -> Timestamp
        ) -> Bool {
            let firstID = firstID
            var latest: Timestamp?
            for stream in streams where !isNew(stream) {
                guard let tail = tails[stream] else { continue }
                for age in [tail.found, tail.appended] {
                    guard let age, age.lastID >= firstID else { continue }
                    latest = max(latest ?? age.storedAt, age.storedAt)
                }
            }
            guard let latest else { return false }
            guard let oldest = oldest(now: now()) else { return true }
            // Also of this process's own ids: it compares its clock with the servers'.
            return latest >= oldest.advanced(by: .zero - Self.idTolerance)
        }

        // MARK: - Deciding

        /// Whether a stream must have no events, so that nobody need be asked where it ends: the server compares.
        package func isNew(_ stream: StreamName) -> Bool {
            switch expected(stream) {
            case .noStream: true
            case .any, .exists, .exact: false
            }
        }

        /// What is to be published if the streams end there.
        ///
        /// - Throws: `conflict` if a stream does not have the state that it must have.
        package func messages(after tails: [StreamName: StreamTail]) throws(EventLogError) -> [EventMessage] {
            for stream in streams { try check(stream, actual: (tails[stream] ?? .none).version) }
            var next: [StreamName: Int64] = [:]
            return events.map { entry in
                let tail = tails[entry.stream] ?? .none
                let version = next[entry.stream] ?? tail.version + 1
                let isFirst = next[entry.stream] == nil
                next[entry.stream] = version + 1
                return EventMessage(event: entry, version: version, expectedPosition: isFirst ? tail.position : nil)
            }
        }

        /// The results of an append whose messages were stored one behind the other.
        ///
        /// - Parameter last: the position of the last one.
        package func results(_ messages: [EventMessage], last: Int64) -> [AppendResult] {
            let first = last - Int64(messages.count) + 1
            var ends: [StreamName: (Int64, Int64)] = [:]
            for (index, message) in messages.enumerated() {
                ends[message.event.stream] = (first + Int64(index), message.version)
            }
            return streams.map { stream in
                let (position, version) = ends[stream] ?? (last, -1)
                return AppendResult(position: position, version: version, isDuplicate: false)
            }
        }
    }

    extension UUID {
        /// When an id of version 7 was made.
        package var madeAt: Timestamp? {
            let bytes = uuid
            guard bytes.6 >> 4 == 7, bytes.8 >> 6 == 2 else { return nil }
            let milliseconds = [bytes.0, bytes.1, bytes.2, bytes.3, bytes.4, bytes.5].reduce(Int64(0)) {
                $0 << 8 | Int64($1)
            }
            return Timestamp(microsecondsSince1970: milliseconds * 1_000)
        }
    }
#endif
