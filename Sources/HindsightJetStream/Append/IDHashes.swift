#if NATS
    import HindsightValues

    #if canImport(FoundationEssentials)
        package import FoundationEssentials
    #else
        package import Foundation
    #endif

    /// A set of ids of which only hashes are kept, 8 bytes each, and twice that for a moment while some are added.
    ///
    /// What it says that it lacks, it lacks. Of what it says that it has, it may lack one in as many ids as 64 bits can number.
    package struct IDHashes: Sendable {
        /// Sorted, each less than half as long as the one before it: so there are few, and adding moves each hash a few times only.
        private var runs: [[UInt64]] = []
        /// How many were added.
        package private(set) var count = 0

        package init() {}

        /// The hash of an id. Ids that were counted up, or that a time begins, differ in all of its bits.
        package static func hash(_ id: UUID) -> UInt64 {
            var hasher = Hasher()
            hasher.combine(id)
            return UInt64(truncatingIfNeeded: hasher.finalize())
        }

        package mutating func add(_ hashes: [UInt64]) {
            guard !hashes.isEmpty else { return }
            count += hashes.count
            var run = hashes.sorted()
            while let previous = runs.last, previous.count < run.count * 2 {
                runs.removeLast()
                run = Self.merged(previous, run)
            }
            runs.append(run)
        }

        /// Those of some hashes that it has.
        package func common(with wanted: Set<UInt64>) -> Set<UInt64> {
            var found: Set<UInt64> = []
            for run in runs {
                // Whichever way looks less often.
                if run.count < wanted.count * 8 {
                    for hash in run where wanted.contains(hash) { found.insert(hash) }
                } else {
                    for hash in wanted where Self.contains(run, hash) { found.insert(hash) }
                }
            }
            return found
        }

        private static func contains(_ run: [UInt64], _ hash: UInt64) -> Bool {
            let index = run.partitioningIndex { $0 >= hash }
            return index < run.count && run[index] == hash
        }

        private static func merged(_ first: [UInt64], _ second: [UInt64]) -> [UInt64] {
            var result: [UInt64] = []
            result.reserveCapacity(first.count + second.count)
            var (left, right) = (0, 0)
            while left < first.count, right < second.count {
                if first[left] <= second[right] {
                    result.append(first[left])
                    left += 1
                } else {
                    result.append(second[right])
                    right += 1
                }
            }
            result.append(contentsOf: first[left...])
            result.append(contentsOf: second[right...])
            return result
        }
    }
#endif
