#if NATS
    #if canImport(FoundationEssentials)
        package import FoundationEssentials
    #else
        package import Foundation
    #endif

    /// Where an event of a mirror comes from, as the header `Hs-Origin` says it.
    package struct EventOrigin: Hashable, Sendable {
        /// The identity of the log that it was copied from.
        package var log: UUID
        /// Its position there.
        package var position: Int64

        package init(log: UUID, position: Int64) {
            self.log = log
            self.position = position
        }

        /// - Parameter text: the value of the header.
        package init?(header text: String) {
            let parts = text.split(separator: " ", omittingEmptySubsequences: false)
            guard parts.count == 2, let log = UUID(uuidString: String(parts[0])), let position = Int64(parts[1]),
                position > 0
            else { return nil }
            self.init(log: log, position: position)
        }

        /// - Parameter bytes: the bytes of the header's value; nil if there is none.
        init?(header bytes: UnsafeRawBufferPointer?) {
            guard let bytes else { return nil }
            self.init(header: String(decoding: bytes, as: UTF8.self))
        }

        /// The value of the header.
        package var header: String { "\(log.uuidString.lowercased()) \(position)" }
    }
#endif
