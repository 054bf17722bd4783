import Foundation
import Testing

/// Log messages are constant, so that they can be counted and searched; what varies is in the metadata, under dotted keys.
@Suite("Log calls", .timeLimit(.minutes(1)))
struct LogCallTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static func sources() throws -> [(name: String, text: String)] {
        try ["Sources", "projections"].flatMap { folder in
            let folder = root.appending(path: folder)
            let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter {
                $0.hasSuffix(".swift")
            }
            return try names.map { ($0, try String(contentsOf: folder.appending(path: $0), encoding: .utf8)) }
        }
    }

    @Test("Each message is a literal without interpolation, and each key is dotted")
    func constantAndDotted() throws {
        var count = 0
        for (name, text) in try Self.sources() {
            for call in LogCall.all(in: text) {
                count += 1
                #expect(call.fault == nil, "\(name): \(call.text)")
            }
        }
        #expect(count > 30, "the sources are not where they were, or log nothing")
    }

    @Test(
        "What is no constant message with dotted keys is found",
        arguments: [
            (#"logger.info("done")"#, nil),
            (#"self.logger?.debug("done", metadata: ["a.b": "\(list.joined(separator: ", "))"])"#, nil),
            (#"logger.log(level: level, "done", metadata: ["a.b": "x", "c.d_e": .stringConvertible(y["z"])])"#, nil),
            (#"logger.info("done \(name)")"#, "the message is interpolated"),
            (#"logger.info(message)"#, "the message is no literal"),
            (#"logger.log(level: level, message, metadata: ["a.b": "c"])"#, "the message is no literal"),
            (#"logger.info("done" + name)"#, "the message is no literal"),
            (#"logger.info("done", metadata: metadata)"#, "the metadata is no literal"),
            (#"logger.info("done", metadata: ["a.b": "c", "error": "\(error)"])"#, "the key error is not dotted"),
            (#"logger.info("done", metadata: ["a.b": "c", Self.key: "d"])"#, "a key is no literal"),
        ] as [(String, String?)])
    func faults(_ text: String, _ fault: String?) {
        #expect(LogCall.all(in: text).map(\.fault) == [fault])
    }
}
