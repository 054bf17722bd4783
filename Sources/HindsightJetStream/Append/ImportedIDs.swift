#if NATS
    package import HindsightLog
    import Synchronization

    #if canImport(FoundationEssentials)
        package import FoundationEssentials
    #else
        package import Foundation
    #endif

    /// The ids in streams to which this process imports, so that a batch is not looked for in all that the batches before it have stored.
    ///
    /// It says for certain that a stream does not hold an event up to a position, and where it may be worth looking for one that it holds.
    package final class ImportedIDs: Sendable {
        /// What is known of a stream.
        package struct Known: Equatable, Sendable {
            /// Up to which position.
            package var end: Int64
            /// Those of the ids that were asked for that the stream may hold up to there. It holds none of the others.
            package var held: Set<UUID>
            /// Behind which position the next events of a file that is imported again may be found.
            package var found: Int64

            package init(end: Int64, held: Set<UUID> = [], found: Int64 = 0) {
                self.end = end
                self.held = held
                self.found = found
            }
        }

        private struct Stream {
            /// All ids up to the end.
            var ids = IDHashes()
            var end: Int64 = 0
            var found: Int64 = 0
            /// When it was last used: a number that only grows.
            var used: UInt64 = 0

            /// What it takes, as a number of ids.
            var size: Int { ids.count + ImportedIDs.idsOfAStream }
        }

        private struct State {
            var streams: [StreamName: Stream] = [:]
            /// What all of them take.
            var size = 0
            var uses: UInt64 = 0
            /// The last event of all that was taken in. While the log has it in its place, it has not been put back to before it.
            var last = Offset.beginning

            mutating func remove(_ name: StreamName) {
                if let stream = streams.removeValue(forKey: name) { size -= stream.size }
            }

            /// Forgets the streams that were used least lately, so many that this need not be done for each id, but not one of them.
            mutating func shrink(to goal: Int, without name: StreamName) {
                for (name, stream) in streams.filter({ $0.key != name }).sorted(by: { $0.value.used < $1.value.used }) {
                    guard size > goal else { return }
                    size -= stream.size
                    streams[name] = nil
                }
            }
        }

        /// How many ids would fit into what a stream takes beside its ids.
        private static let idsOfAStream = 24

        private let state = Mutex(State())
        /// How many ids are kept, 8 bytes each, of all streams together, each of which counts as 24 besides. When they are more, whole
        /// streams are forgotten; of a stream that does not fit alone its beginning is kept.
        package let capacity: Int

        package init(capacity: Int) {
            self.capacity = capacity
        }

        /// The last event of which something is known. If it is not in its place any more, what is known is of no use.
        package var last: Offset { state.withLock(\.last) }

        /// What is known of streams. Those of which nothing is known are not among them.
        package func known(of streams: [StreamName], among ids: Set<UUID>) -> [StreamName: Known] {
            let byHash = Dictionary(ids.map { (IDHashes.hash($0), $0) }) { first, _ in first }
            let hashes = Set(byHash.keys)
            // Two ids with one hash cannot be told apart: then all of them may be there.
            let areDistinct = hashes.count == ids.count
            return state.withLock { state in
                var known: [StreamName: Known] = [:]
                state.uses += 1
                for name in streams {
                    guard var stream = state.streams[name] else { continue }
                    stream.used = state.uses
                    state.streams[name] = stream
                    let held = areDistinct ? Set(stream.ids.common(with: hashes).compactMap { byHash[$0] }) : ids
                    known[name] = Known(end: stream.end, held: held, found: stream.found)
                }
                return known
            }
        }

        /// Takes in the ids of all events of a stream behind a position and up to another one.
        ///
        /// It does nothing if it does not know all that comes before, or if there is no room.
        package func keep(
            _ ids: some BidirectionalCollection<UUID>, of name: StreamName, after start: Int64, through end: Int64
        ) {
            let hashes = ids.map { IDHashes.hash($0) }
            state.withLock { state in
                var stream = state.streams[name] ?? Stream()
                guard start <= stream.end, end > stream.end, stream.size + hashes.count <= capacity else { return }
                state.remove(name)
                stream.ids.add(hashes)
                stream.end = end
                state.uses += 1
                stream.used = state.uses
                state.streams[name] = stream
                state.size += stream.size
                if state.size > capacity { state.shrink(to: max(capacity / 4 * 3, stream.size), without: name) }
                if let id = ids.last, end > state.last.position { state.last = Offset(position: end, anchor: id) }
            }
        }

        /// Notes where the last event was found that was looked for in a stream.
        package func noteFound(at position: Int64, of name: StreamName) {
            state.withLock { state in state.streams[name]?.found = position }
        }

        /// A stream is not what it was.
        package func forget(_ name: StreamName) {
            state.withLock { $0.remove(name) }
        }

        /// The log is not what it was.
        package func forgetAll() {
            state.withLock { $0 = State() }
        }
    }
#endif
