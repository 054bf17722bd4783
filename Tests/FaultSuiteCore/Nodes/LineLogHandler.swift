import Logging

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Writes each message as a line of JSON, so that the suite can read it again.
struct LineLogHandler: LogHandler {
    let descriptor: Int32
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.debug

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
        let line = NodeLogLine(
            time: Date.now.timeIntervalSince1970, level: event.level.rawValue, message: "\(event.message)",
            metadata: all.mapValues { "\($0)" })
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // A line of strings and a number is always valid JSON.
        guard let data = try? encoder.encode(line) else { return }
        let bytes = Array(data) + [UInt8(ascii: "\n")]
        // One write a line: threads log at the same time.
        _ = write(descriptor, bytes, bytes.count)
    }
}
