/// Where a ``CuttingProxy`` cuts a connection.
package enum CutKind: Hashable, Sendable, CaseIterable {
    /// After some bytes of copy data, in either direction, so usually in the middle of a message.
    case copyData
    /// After some bytes in both directions together, connecting included.
    case bytes
    /// Before a `commit` reaches the server: what came before it does, so the transaction is rolled back.
    case beforeCommit
    /// After the server has committed and before its answer reaches the client.
    case afterCommit
    /// When the test says so, by ``CuttingProxy/cutAll()``.
    case onDemand
}

/// What a client sees when a ``CuttingProxy`` cuts its connection.
package enum CutWay: Sendable {
    /// The end of the stream, as when the server's process ends.
    case close
    /// A reset, as when the server's machine has forgotten the connection. Only TCP knows it: over a Unix socket it is an
    /// orderly end.
    case reset
    /// The end of the stream, but whatever the client sends is still taken, and goes nowhere.
    case halfClose
}
