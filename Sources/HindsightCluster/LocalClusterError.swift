/// Says why a ``LocalCluster`` could not be started or stopped, and what to do about it.
public struct LocalClusterError: Error, Sendable {
    /// What went wrong.
    public let code: Code
    /// The folder that the app asked for.
    public let folder: String
    /// What happened, in one sentence.
    public let reason: String
    /// What the operator can do; empty if there is no better advice than to read the log.
    public let remedy: String
    /// The last lines that the server or its tools wrote about this failure; empty if they wrote nothing.
    public let serverLog: String

    init(_ code: Code, folder: String, reason: String, remedy: String = "", serverLog: String = "") {
        self.code = code
        self.folder = folder
        self.reason = reason
        self.remedy = remedy
        self.serverLog = serverLog
    }
}

extension LocalClusterError: CustomStringConvertible, CustomDebugStringConvertible {
    /// The reason, the remedy and the last lines of the server's log. It holds no row of any table.
    public var description: String {
        var text = "local database in \(folder): \(reason)"
        if !remedy.isEmpty { text += ". Remedy: \(remedy)" }
        if !serverLog.isEmpty { text += "\nLast lines of the server's log:\n\(serverLog)" }
        return text
    }

    /// The code and the description.
    public var debugDescription: String { "LocalClusterError.\(code): \(description)" }
}
