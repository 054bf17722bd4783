package import HindsightLog

/// Plans the folds of a batch's events while they are decoded.
package protocol EventPlanner: AnyObject {
    /// Where the batch stops: the index of the event that could not be decoded or applied, and why.
    var failure: (index: Int, error: any Error)? { get }

    /// Notes that the event cannot be decoded.
    func fail(at index: Int, _ event: RecordedEvent, _ error: any Error)
}
