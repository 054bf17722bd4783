/// One fault: its kind, and what is drawn for it.
package struct Fault: Hashable, Sendable {
    package var kind: FaultKind
    /// Which of the nodes, from 0.
    package var node: Int
    /// How long it lasts where that is a matter of choice: a node that is suspended, a disk that is full.
    package var duration: Duration
    /// Chooses what else there is to choose: a backend, a projection, the place of a cut.
    package var choice: UInt64

    package init(kind: FaultKind, node: Int, duration: Duration, choice: UInt64) {
        self.kind = kind
        self.node = node
        self.duration = duration
        self.choice = choice
    }

    /// One of these.
    package func pick<Value>(_ values: [Value]) -> Value { values[Int(choice % UInt64(values.count))] }
}
