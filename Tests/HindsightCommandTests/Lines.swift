import HindsightTestSupport
import Subprocess

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Lines to import, as text and as files.
enum Lines {
    /// Lines of orders of the shop, three an order, all different.
    static func orders(_ orders: Range<Int>) -> String {
        var text = ""
        for order in orders {
            for line in 1...3 {
                text += """
                    {"stream":"order-\(order)","type":"OrderLinePlaced","at":"2011-05-0\(line)T10:00:00Z","data":{"sku":"S\(line)",\
                    "description":"THING","quantity":\(line),"unitPrice":"2.50","customer":"C\(order % 7)","country":"France"}}

                    """
            }
        }
        return text
    }

    /// A file with this content; gone after `body`.
    static func withFile<Value>(
        _ bytes: some Sequence<UInt8>, _ body: (String) async throws -> Value
    ) async throws -> Value {
        let path = "/tmp/hindsight-lines-\(String(UInt64.random(in: 0 ... .max), radix: 16))"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        defer {
            // What cannot be removed is left to the system.
            try? FileManager.default.removeItem(atPath: path)
        }
        return try await body(path)
    }

    /// The text as gzip makes it.
    static func gzipped(_ text: String) async throws -> [UInt8] {
        let result = try await Subprocess.run(
            .name("gzip"), arguments: ["-c"], input: .string(text), output: .bytes(limit: 64 << 20))
        return result.standardOutput
    }
}
