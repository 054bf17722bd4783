public import HindsightValues

/// Why the event centre did not do what it was asked to do. A command that is refused or in conflict is no error: its receipt says so.
public struct EventCentreError: RetriableError, Hashable, Sendable {
    /// The kind of an ``EventCentreError``. New kinds may be added.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private let name: String
        private init(_ name: String) { self.name = name }

        /// A code as it is sent; unknown ones are kept.
        init(sent name: String) { self.name = name }

        /// Its name, as it is sent.
        public var description: String { name }

        /// The request is not what is documented.
        public static let malformed = Code("malformed")
        /// The request is of a version that this program does not know.
        public static let unsupportedVersion = Code("unsupportedVersion")
        /// The request, or its answer, is larger than may be sent.
        public static let tooLarge = Code("tooLarge")
        /// The app takes no such command.
        public static let unknownCommand = Code("unknownCommand")
        /// The app has no such view.
        public static let unknownView = Code("unknownView")
        /// The app has no such task.
        public static let unknownTask = Code("unknownTask")
        /// There is no such event, or the task is not for events of its type.
        public static let unknownEvent = Code("unknownEvent")
        /// The query names what is no column, or a text that is no value of one.
        public static let invalidQuery = Code("invalidQuery")
        /// The view is not filled yet, or not as this program declares it.
        public static let notShown = Code("notShown")
        /// The view does not reflect the position that was asked for, and did not come to it in time.
        public static let notFresh = Code("notFresh")
        /// The command's id was used before, with another name or content.
        public static let otherContent = Code("otherContent")
        /// Others appended to the command's stream whenever it was decided. It is not ended: repeat it.
        public static let contention = Code("contention")
        /// The command's handler took longer than it may (`EventCentreConfiguration.handlerTime`). The command is not ended, and nothing
        /// of it was stored.
        public static let handlerTimedOut = Code("handlerTimedOut")
        /// The log, the database or the centre cannot be reached. What became of the command is not known: ask, or repeat it.
        public static let unavailable = Code("unavailable")
        /// The program failed. The command is not ended.
        public static let failed = Code("failed")
        /// The centre sent what this program does not understand.
        public static let unexpectedAnswer = Code("unexpectedAnswer")
    }

    /// What kind of failure it is.
    public let code: Code
    /// What was expected, what is there, and what to do. It holds no data of commands.
    public let message: String
    /// Whether the same request may succeed later without anybody's help.
    public let isRetriable: Bool

    init(_ code: Code, _ message: String, isRetriable: Bool? = nil) {
        self.code = code
        self.message = message
        self.isRetriable = isRetriable ?? [.contention, .unavailable].contains(code)
    }
}

extension EventCentreError: CustomStringConvertible {
    /// Code and message.
    public var description: String { "\(code): \(message)" }
}
