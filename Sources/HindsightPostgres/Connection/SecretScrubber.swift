/// Removes passwords from text of foreign origin, before it goes into an error or a log.
///
/// A password of up to three bytes is removed only where it stands alone. Elsewhere it would be part of ordinary words,
/// and the gaps would reveal it.
struct SecretScrubber: Sendable {
    private static let mask = Array("********".utf8)
    private static let shortByteCount = 3

    /// The longest first: one password may begin with another one.
    private var secrets: [[UInt8]] = []

    init(_ secrets: [String]) {
        secrets.forEach { add($0) }
    }

    mutating func add(_ secret: String) {
        let bytes = Array(secret.utf8)
        guard !bytes.isEmpty, !secrets.contains(bytes) else { return }
        secrets.append(bytes)
        secrets.sort { $0.count > $1.count }
    }

    /// The text without the passwords. It is searched by bytes, because a letter and the accent that follows it are one
    /// character.
    func scrub(_ text: String) -> String {
        guard !secrets.isEmpty else { return text }
        let bytes = Array(text.utf8)
        var scrubbed: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if let secret = secrets.first(where: { Self.matches($0, bytes, at: index) }) {
                scrubbed += Self.mask
                index += secret.count
            } else {
                scrubbed.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: scrubbed, as: UTF8.self)
    }

    private static func matches(_ secret: [UInt8], _ text: [UInt8], at index: Int) -> Bool {
        let end = index + secret.count
        guard text[index] == secret[0], end <= text.count, text[index..<end].elementsEqual(secret) else { return false }
        guard secret.count <= shortByteCount else { return true }
        let isAlone = { (index: Int) in !text.indices.contains(index) || !isWordPart(text[index]) }
        return isAlone(index - 1) && isAlone(end)
    }

    private static func isWordPart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"), 0x80...:
            true
        default:
            false
        }
    }
}

extension SecretScrubber: CustomStringConvertible, CustomReflectable {
    /// Reveals nothing about the passwords.
    var description: String { "SecretScrubber" }
    /// Reveals nothing about the passwords, so that `dump` does not either.
    var customMirror: Mirror { Mirror(self, children: []) }
}
