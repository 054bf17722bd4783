/// The names of Hindsight's spans.
package enum SpanName {
    /// An append, until it is committed.
    package static let append = "hindsight append"
    /// A batch of events, until the rows and the offsets of all its projections are committed.
    package static let batch = "hindsight batch"
    /// The handling of one event by a subscription, until its offset is stored.
    package static let handle = "hindsight handle"
}
