#if NATS
    /// The servers that a client knows, and which of them is next.
    ///
    /// A round is one attempt at each. Between rounds there is a wait.
    package struct ServerPool {
        /// One of them.
        package struct Entry: Equatable {
            package var address: ServerAddress
            /// A server told of it; it is forgotten when servers no longer do.
            package var isDiscovered: Bool
            /// What it said when it last refused the client. The same again means that it will not change its mind.
            package var refusal: String?
        }

        package private(set) var entries: [Entry]
        private let backoff: NATSBackoff
        /// The one to try next.
        private var next = 0
        /// How many attempts of the round have been made, and how many rounds.
        private var attempts = 0
        package private(set) var rounds = 0

        /// - Parameter addresses: in the order in which they are tried.
        package init(_ addresses: [ServerAddress], backoff: NATSBackoff) {
            var known = Set<ServerAddress>()
            entries = addresses.filter { known.insert($0).inserted }.map { Entry(address: $0, isDiscovered: false) }
            self.backoff = backoff
        }

        /// Whether none is left to try.
        package var isEmpty: Bool { entries.isEmpty }

        /// Which server to try next, and how long to wait before.
        package mutating func nextAttempt(chance: Double) -> (address: ServerAddress, wait: Duration)? {
            guard !entries.isEmpty else { return nil }
            if attempts >= entries.count {
                attempts = 0
                rounds += 1
            }
            if next >= entries.count { next = 0 }
            let entry = entries[next]
            next += 1
            attempts += 1
            return (entry.address, attempts == 1 ? backoff.wait(beforeRound: rounds, chance: chance) : .zero)
        }

        /// A server was reached.
        package mutating func connected(to address: ServerAddress) {
            attempts = 0
            // The one that is lost is not the first to be tried again if there are others.
            if let index = entries.firstIndex(where: { $0.address == address }) {
                entries[index].refusal = nil
                next = index + 1
            }
        }

        /// A connection is gone. One that did not last counts as a round that failed: a server that takes the client and throws
        /// it out at once is not asked again and again without a wait.
        package mutating func lost(after lifetime: Duration) {
            rounds = lifetime >= backoff.longest ? 0 : rounds + 1
        }

        /// A server refused the client.
        ///
        /// - Returns: whether it was given up, because it said the same as before.
        package mutating func refused(by address: ServerAddress, saying text: String) -> Bool {
            guard let index = entries.firstIndex(where: { $0.address == address }) else { return false }
            guard entries[index].refusal == text else {
                entries[index].refusal = text
                return false
            }
            entries.remove(at: index)
            if next > index { next -= 1 }
            if attempts > 0 { attempts -= 1 }
            return true
        }

        /// Servers of the cluster, as a server tells of them. Configured ones stay.
        ///
        /// - Returns: whether one is new.
        package mutating func discovered(_ addresses: [ServerAddress], connected: ServerAddress) -> Bool {
            // A server alone tells of nobody, which does not mean that the others are gone for good.
            guard !addresses.isEmpty else { return false }
            let told = Set(addresses)
            let before = entries
            entries.removeAll { $0.isDiscovered && !told.contains($0.address) && $0.address != connected }
            if entries.count < before.count { next = 0 }
            var isNew = false
            for address in addresses
            where !entries.contains(where: { $0.address.host == address.host && $0.address.port == address.port }) {
                entries.append(Entry(address: address, isDiscovered: true))
                isNew = true
            }
            return isNew
        }
    }
#endif
