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

        /// How far the clocks of writers and servers may be apart.
        package static let clockTolerance = Duration.seconds(5)

        /// Whether the server's window for repeated ids covers all of them, so that a repetition is found by it.
        package func isCovered(by window: Duration, now: Timestamp) -> Bool {
            guard let oldest = oldest(now: now) else { return false }
            return oldest.duration(to: now) < window / 2
        }

        /// The streams that must be looked through for the ids before anything is published: nothing but the ids would stop a
        /// repetition. That includes streams that must have a version, which whoever repeats an append may have read after it was
        /// stored; a stream that must be new cannot have them.
        package func unguarded(by window: Duration, now: Timestamp) -> [StreamName] {
            guard !isCovered(by: window, now: now) else { return [] }
            return streams.filter { stream in
                switch expected(stream) {
                case .any, .exists, .exact: true
                case .noStream: false
                }
            }
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
