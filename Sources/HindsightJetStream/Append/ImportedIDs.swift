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
    /// It says for certain that a stream does not hold an event up to a position, and nothing else.
    package final class ImportedIDs: Sendable {
        private struct State {
            /// Of all streams together: what is too much here only makes somebody look.
            var ids: Set<UUID> = []
            /// Up to which position the ids of a stream are all there.
            var ends: [StreamName: Int64] = [:]
            /// The last event of all of them. While the log has it in its place, it has not been put back to before it.
            var last = Offset.beginning
        }

        private let state = Mutex(State())
        /// How many ids are kept, some 30 bytes each. Beyond that all are forgotten.
        package let capacity: Int

        package init(capacity: Int) {
            self.capacity = capacity
        }

        /// The last event of which something is known. If it is not in its place any more, what is known is of no use.
        package var last: Offset { state.withLock(\.last) }

        /// Up to which positions it is certain that streams hold none of some events. Those of which nothing is known are not among them.
        package func ends(of streams: [StreamName], withoutAnyOf ids: Set<UUID>) -> [StreamName: Int64] {
            state.withLock { state in
                guard state.ids.isDisjoint(with: ids) else { return [:] }
                return state.ends.isEmpty
                    ? [:]
                    : Dictionary(
                        uniqueKeysWithValues: streams.compactMap { name in state.ends[name].map { (name, $0) } })
            }
        }

        /// Takes in the ids of all events of a stream behind a position and up to another one.
        ///
        /// It does nothing if it does not know what comes before.
        package func keep(
            _ ids: some BidirectionalCollection<UUID>, of stream: StreamName, after start: Int64, through end: Int64
        ) {
            state.withLock { state in
                guard start == 0 || state.ends[stream] == start else { return }
                if state.ids.count + ids.count > capacity { state = State() }
                // What was forgotten with the others is missing here.
                guard start == 0 || state.ends[stream] == start, ids.count <= capacity else { return }
                state.ids.formUnion(ids)
                state.ends[stream] = end
                if let id = ids.last, end > state.last.position { state.last = Offset(position: end, anchor: id) }
            }
        }

        /// A stream is not what it was.
        package func forget(_ stream: StreamName) {
            state.withLock { state in state.ends[stream] = nil }
        }

        /// The log is not what it was.
        package func forgetAll() {
            state.withLock { $0 = State() }
        }
    }
#endif
