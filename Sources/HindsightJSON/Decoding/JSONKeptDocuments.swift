import Synchronization

/// Documents whose lent container some type has kept: they live as long as that container.
///
/// Nothing tells when a container is gone, so that is looked up now and then: what is kept in vain is never more than
/// what is in use, or a few.
package enum JSONKeptDocuments {
    private static let kept = Mutex<(documents: [JSONDocument], limit: Int)>(([], minimumLimit))
    private static let minimumLimit = 16

    /// Keeps a document alive as long as its container is.
    static func keep(_ document: JSONDocument) {
        let dropped = kept.withLock { kept -> [JSONDocument] in
            var dropped: [JSONDocument] = []
            if kept.documents.count >= kept.limit {
                dropped = kept.documents.filter(\.hasContainerBack)
                kept.documents.removeAll(where: \.hasContainerBack)
                kept.limit = max(minimumLimit, kept.documents.count * 2)
            }
            kept.documents.append(document)
            return dropped
        }
        // Only here, without the lock: what is in their user info may do anything when it goes.
        withExtendedLifetime(dropped) {}
    }

    /// How many documents are kept.
    package static var count: Int { kept.withLock { $0.documents.count } }
}
