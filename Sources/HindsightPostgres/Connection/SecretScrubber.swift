/// Takes passwords out of text that somebody else wrote, before it goes into an error or a log.
struct SecretScrubber: Sendable {
    private var secrets: [String]

    init(_ secrets: [String]) {
        self.secrets = []
        secrets.forEach { add($0) }
    }

    mutating func add(_ secret: String) {
        if !secret.isEmpty, !secrets.contains(secret) {
            secrets.append(secret)
        }
    }

    func scrub(_ text: String) -> String {
        secrets.reduce(text) { text, secret in
            text.split(separator: secret, omittingEmptySubsequences: false).joined(separator: "********")
        }
    }
}
