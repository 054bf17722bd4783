#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// How far a task is with an event.
public struct TaskState: Codable, Hashable, Sendable {
    /// The task's name.
    public var task: String
    /// The id of the event.
    public var event: UUID
    /// Whether nobody has handed it in, it is done, or it cannot be done.
    public var state: State
    /// What was handed in; nil while it is open.
    public var receipt: CommandReceipt?

    /// How far it is.
    public enum State: String, Codable, Hashable, Sendable {
        /// Nobody has handed it in.
        case open
        /// It is done.
        case done
        /// Somebody has said that it cannot be done.
        case failed
    }

    private enum CodingKeys: String, CodingKey {
        case task, event, state, receipt
    }

    /// Writes the event's id as PostgreSQL prints it.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(task, forKey: .task)
        try container.encode(event.lowercased, forKey: .event)
        try container.encode(state, forKey: .state)
        try container.encodeIfPresent(receipt, forKey: .receipt)
    }

    init(_ task: String, _ event: UUID, _ receipt: CommandReceipt?) {
        self.task = task
        self.event = event
        self.receipt = receipt
        state = receipt.map { $0.failure == nil ? .done : .failed } ?? .open
    }
}
