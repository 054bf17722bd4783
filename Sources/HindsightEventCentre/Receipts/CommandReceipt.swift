public import HindsightLog
public import HindsightValues

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// What became of a command. It is the same for whoever asks, however often.
public struct CommandReceipt: Codable, Hashable, Sendable {
    /// How a command ended.
    public enum Status: String, Codable, Hashable, Sendable {
        /// Its events are in the log.
        case appended
        /// There was nothing to do.
        case unchanged
        /// The stream was not as the command said it must be; nothing was appended.
        case conflict
        /// The app refused it; nothing was appended.
        case refused
    }

    /// An event of the command.
    public struct Event: Codable, Hashable, Sendable {
        /// Its id.
        public var id: UUID
        /// The name of its type.
        public var type: String

        private enum CodingKeys: String, CodingKey {
            case id, type
        }

        /// An event with this id and type.
        public init(id: UUID, type: String) {
            self.id = id
            self.type = type
        }

        /// Writes the id as PostgreSQL prints it.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(id.lowercased, forKey: .id)
            try container.encode(type, forKey: .type)
        }
    }

    /// How the command ended.
    public var status: Status
    /// The command's id.
    public var command: UUID
    /// The command's name; for what was done for a task, the task's.
    public var name: String
    /// When it ended.
    public var at: Timestamp
    /// The stream that it concerns; nil if it was refused.
    public var stream: String?
    /// The version of its last event in the stream; for a conflict or an unchanged stream, the stream's, -1 if there is none.
    public var version: Int64?
    /// The position of its last event in the log: a view that reflects it has seen the whole command.
    public var position: Int64?
    /// Its events.
    public var events: [Event]?
    /// For a conflict, what the command said of the stream.
    public var expected: String?
    /// For a refusal, the kind of reason.
    public var code: String?
    /// For a refusal, the reason.
    public var reason: String?
    /// For what was done for a task, the event that it was done for.
    public var event: UUID?
    /// Why the task could not be done.
    public var failure: String?

    private enum CodingKeys: String, CodingKey {
        case status, command, name, at, stream, version, position, events, expected, code, reason, event, failure
    }

    init(_ status: Status, _ command: UUID, _ name: String) {
        self.status = status
        self.command = command
        self.name = name
        at = .now()
    }

    /// Where the command's events are; nil if it appended none.
    public var result: AppendResult? {
        guard status == .appended, let position, let version else { return nil }
        return AppendResult(position: position, version: version, isDuplicate: false)
    }

    /// Writes ids as PostgreSQL prints them.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(status, forKey: .status)
        try container.encode(command.lowercased, forKey: .command)
        try container.encode(name, forKey: .name)
        try container.encode(at, forKey: .at)
        try container.encodeIfPresent(stream, forKey: .stream)
        try container.encodeIfPresent(version, forKey: .version)
        try container.encodeIfPresent(position, forKey: .position)
        try container.encodeIfPresent(events, forKey: .events)
        try container.encodeIfPresent(expected, forKey: .expected)
        try container.encodeIfPresent(code, forKey: .code)
        try container.encodeIfPresent(reason, forKey: .reason)
        try container.encodeIfPresent(event?.lowercased, forKey: .event)
        try container.encodeIfPresent(failure, forKey: .failure)
    }

    /// As JSON, with sorted members.
    var bytes: [UInt8] {
        get throws { try JSONEventCodec().encode(self) }
    }
}
