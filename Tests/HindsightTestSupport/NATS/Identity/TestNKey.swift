import CLibCrypto

/// A key pair of Ed25519 in the words of NATS, made for one test.
///
/// Source: <https://docs.nats.io/running-a-nats-service/configuration/securing_nats/auth_intro/nkey_auth>
package struct TestNKey: Sendable {
    /// What the key is for, which is the first letter of its public half.
    package enum Kind: UInt8, Sendable {
        case account = 0
        case `operator` = 112
        case user = 160
    }

    /// The seed in base 32, which begins with `S` and the letter of the kind.
    package let seed: String
    /// The public half in base 32.
    package let publicKey: String
    private let secret: [UInt8]

    /// Makes a key by chance.
    package init(_ kind: Kind = .user) {
        secret = (0..<32).map { _ in .random(in: 0 ... .max) }
        // A prefix of five bits says that it is a seed, another one of what.
        let prefix: UInt8 = 18 << 3
        seed = Self.text([prefix | kind.rawValue >> 5, kind.rawValue << 3] + secret)
        var half = [UInt8](repeating: 0, count: 32)
        var count = half.count
        Self.withKey(secret) { precondition(EVP_PKEY_get_raw_public_key($0, &half, &count) == 1) }
        publicKey = Self.text([kind.rawValue] + half)
    }

    /// The signature, 64 bytes.
    package func sign(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        var signature = [UInt8](repeating: 0, count: 64)
        var count = signature.count
        Self.withKey(secret) { key in
            let context = EVP_MD_CTX_new()
            defer { EVP_MD_CTX_free(context) }
            precondition(EVP_DigestSignInit(context, nil, nil, nil, key) == 1)
            precondition(EVP_DigestSign(context, &signature, &count, bytes, bytes.count) == 1)
        }
        return signature
    }

    private static func withKey(_ secret: [UInt8], _ body: (OpaquePointer) -> Void) {
        // It fails only without memory.
        let key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, secret, secret.count)!
        defer { EVP_PKEY_free(key) }
        body(key)
    }

    /// Base 32 of RFC 4648, without padding, of the bytes and their checksum.
    private static func text(_ bytes: [UInt8]) -> String {
        let sum = checksum(bytes)
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
        let bits = (bytes + [UInt8(sum & 0xff), UInt8(sum >> 8)]).flatMap { byte in
            (0..<8).reversed().map { byte >> $0 & 1 }
        }
        return String(
            stride(from: 0, to: bits.count, by: 5).map { start in
                let group = bits[start..<min(start + 5, bits.count)]
                return alphabet[Int(group.reduce(0) { $0 << 1 | $1 } << (5 - group.count))]
            })
    }

    /// CRC-16 with the polynomial 0x1021, from 0.
    private static func checksum(_ bytes: [UInt8]) -> UInt16 {
        bytes.reduce(0) { sum, byte in
            (0..<8).reduce(sum ^ UInt16(byte) << 8) { sum, _ in sum & 0x8000 == 0 ? sum << 1 : sum << 1 ^ 0x1021 }
        }
    }
}
