/// The names of Hindsight's spans.
package enum SpanName {
    /// An append, until it is committed.
    package static let append = "hindsight append"
    /// A batch of events, until the rows and the offsets of all its projections are committed.
    package static let batch = "hindsight batch"
    /// The handling of one event by a subscription, until its offset is stored.
    package static let handle = "hindsight handle"
    /// A request to the event centre, until there is an answer, however often it is repeated.
    package static let request = "hindsight request"
    /// The answering of a request by a node of the event centre.
    package static let answer = "hindsight answer"
}
