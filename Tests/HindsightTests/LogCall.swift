/// A call of a logger in source text.
struct LogCall {
    /// The call as it is written.
    let text: String
    /// The arguments, with their labels.
    private let arguments: [(label: String?, value: Substring)]

    /// The calls in a file.
    static func all(in source: String) -> [LogCall] {
        let call = #/\b(?:logger|Logger)\??\.(?:log|trace|debug|info|notice|warning|error|critical)\(/#
            // A logger that is a member is one, too.
            .wordBoundaryKind(.simple)
        return source.matches(of: call).map { match in
            var scan = SourceScan(source[match.range.upperBound...])
            let arguments = scan.list(until: ")")
            return LogCall(
                text: String(source[match.range.lowerBound..<scan.rest.startIndex]), arguments: arguments.map(labelled))
        }
    }

    /// What is wrong with it; nil if nothing is.
    var fault: String? {
        guard let message = arguments.first(where: { $0.label == nil })?.value, Self.isLiteral(message) else {
            return "the message is no literal"
        }
        guard !message.contains(#"\("#) else { return "the message is interpolated" }
        guard let metadata = arguments.first(where: { $0.label == "metadata" })?.value else { return nil }
        guard metadata.first == "[" else { return "the metadata is no literal" }
        var scan = SourceScan(metadata.dropFirst())
        return scan.list(until: "]").lazy.compactMap(Self.fault(of:)).first
    }

    /// What is wrong with a pair of the metadata.
    private static func fault(of pair: Substring) -> String? {
        guard let key = pair.firstMatch(of: #/^"([^"]*)"\s*:/#)?.output.1 else { return "a key is no literal" }
        return key.wholeMatch(of: #/[a-z_]+(\.[a-z_]+)+/#) == nil ? "the key \(key) is not dotted" : nil
    }

    /// True for one string and nothing else.
    private static func isLiteral(_ value: Substring) -> Bool {
        guard value.first == "\"" else { return false }
        var scan = SourceScan(value.dropFirst())
        scan.skipString()
        return scan.rest.isEmpty
    }

    private static func labelled(_ argument: Substring) -> (label: String?, value: Substring) {
        guard let match = argument.firstMatch(of: #/^(\w+):\s*/#) else { return (nil, argument) }
        return (String(match.output.1), argument[match.range.upperBound...])
    }
}
