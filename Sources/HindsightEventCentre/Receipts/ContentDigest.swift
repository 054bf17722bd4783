import CLibCrypto

/// SHA-256 of what was handed in, by which a repetition is told from another command with the same id.
enum ContentDigest {
    static func of(_ name: String, _ content: [UInt8]) -> [UInt8] {
        // A name has no zero byte.
        let source = Array(name.utf8) + [0] + content
        var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        _ = SHA256(source, source.count, &digest)
        return digest
    }
}
