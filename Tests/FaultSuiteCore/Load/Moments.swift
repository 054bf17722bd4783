#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Has a handler of some node take its time once, so that a signal can hit the node there.
///
/// The suite makes a file; the handler that renames it first lingers, and the new name says whose it is.
package struct Moments: Sendable {
    /// Where a handler lingers.
    package enum Place: String, Hashable, Sendable, CaseIterable {
        /// While rows are folded in memory: no transaction is open.
        case fold
        /// Between two statements of a handler, inside its transaction.
        case statements
    }

    /// How long a handler lingers.
    package static let duration = Duration.milliseconds(800)

    let folder: String
    /// The node whose handlers these are.
    let node: String

    package init(folder: String, node: String) {
        self.folder = folder
        self.node = node
    }

    private func wish(_ place: Place) -> String { "\(folder)/\(place.rawValue)" }

    /// Called by handlers.
    func linger(in place: Place) {
        guard rename(wish(place), "\(wish(place)).\(node)") == 0 else { return }
        usleep(UInt32(Self.duration.milliseconds * 1_000))
    }

    /// Asks that the next handler to come to a place lingers.
    func ask(for place: Place) throws {
        try Data().write(to: URL(filePath: wish(place)))
    }

    /// The node that lingers, once one does.
    func lingering(in place: Place) throws -> String? {
        try FileManager.default.contentsOfDirectory(atPath: folder)
            .first { $0.hasPrefix("\(place.rawValue).") }.map { String($0.dropFirst(place.rawValue.count + 1)) }
    }

    /// Asks no more.
    func forget(_ place: Place) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: folder)
        where name == place.rawValue || name.hasPrefix("\(place.rawValue).") {
            // A handler may rename it at this moment.
            unlink("\(folder)/\(name)")
        }
    }
}

extension Duration {
    var milliseconds: Double {
        Double(components.seconds) * 1_000 + Double(components.attoseconds) / 1e15
    }
}
