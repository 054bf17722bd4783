#if NATS
    import CKeepOpenSSL
    import CLibCrypto

    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif

    /// An nkey: a key pair of Ed25519, whose seed and public half are written in base 32 with a letter for what they are.
    ///
    /// Source: <https://docs.nats.io/running-a-nats-service/configuration/securing_nats/auth_intro/nkey_auth>
    package struct SigningKey {
        /// The public half, as a server's configuration has it.
        package let publicKey: String
        private let seed: [UInt8]

        /// - Parameters:
        ///   - text: the seed.
        ///   - source: where it is from, for an error, which does not repeat it.
        package init(seed text: String, source: String) throws(NATSError) {
            func invalid(_ reason: String) -> NATSError {
                NATSError(.invalidConfiguration, "\(source) has no usable seed: \(reason)")
            }
            let text = text.filter { !$0.isWhitespace }
            // There is one way to write each seed.
            guard let bytes = Base32.decode(text), bytes.count == 36, Base32.encode(bytes) == text else {
                throw invalid("it should be 58 letters and digits of base 32, beginning with SU")
            }
            guard Checksum.crc16(bytes[..<34]) == UInt16(bytes[34]) | UInt16(bytes[35]) << 8 else {
                throw invalid("its checksum is wrong; was it copied whole?")
            }
            // Five bits say that it is a seed, the next five of what kind of key.
            guard bytes[0] & 0xF8 == 18 << 3 else { throw invalid("it does not begin with S") }
            let kind = (bytes[0] & 7) << 5 | (bytes[1] & 0xF8) >> 3
            seed = Array(bytes[2..<34])
            keep_openssl_until_the_end()
            guard let key = Self.publicKey(of: seed) else { throw invalid("libcrypto does not take it") }
            var encoded = [kind] + key
            let sum = Checksum.crc16(encoded[...])
            encoded += [UInt8(sum & 0xFF), UInt8(sum >> 8)]
            publicKey = Base32.encode(encoded)
        }

        /// The signature of a server's nonce, in base 64 for URLs.
        package func sign(_ nonce: String?) throws(NATSError) -> String {
            guard let nonce, !nonce.isEmpty else {
                throw NATSError(
                    .authorization, "the server asks for no signature: it is not configured for nkeys or JWTs")
            }
            guard let signature = Self.signature(of: Array(nonce.utf8), seed: seed) else {
                throw NATSError(.authorization, "libcrypto could not sign with the key")
            }
            return Data(signature).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
                .replacing("=", with: "")
        }

        private static func publicKey(of seed: [UInt8]) -> [UInt8]? {
            guard let key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, seed.count) else { return nil }
            defer { EVP_PKEY_free(key) }
            var bytes = [UInt8](repeating: 0, count: 32)
            var length = bytes.count
            guard EVP_PKEY_get_raw_public_key(key, &bytes, &length) == 1, length == 32 else { return nil }
            return bytes
        }

        private static func signature(of bytes: [UInt8], seed: [UInt8]) -> [UInt8]? {
            guard let key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, seed.count) else { return nil }
            defer { EVP_PKEY_free(key) }
            guard let context = EVP_MD_CTX_new() else { return nil }
            defer { EVP_MD_CTX_free(context) }
            var signature = [UInt8](repeating: 0, count: 64)
            var length = signature.count
            guard EVP_DigestSignInit(context, nil, nil, nil, key) == 1,
                EVP_DigestSign(context, &signature, &length, bytes, bytes.count) == 1, length == 64
            else { return nil }
            return signature
        }
    }

    extension SigningKey: CustomStringConvertible, CustomReflectable {
        /// The public half.
        package var description: String { publicKey }

        /// Shows no seed to `dump` and debuggers either.
        package var customMirror: Mirror { Mirror(self, children: ["publicKey": publicKey]) }
    }

    /// Base 32 of RFC 4648 without padding.
    package enum Base32 {
        private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)

        package static func encode(_ bytes: [UInt8]) -> String {
            var text: [UInt8] = []
            var buffer: UInt32 = 0
            var bits = 0
            for byte in bytes {
                buffer = buffer << 8 | UInt32(byte)
                bits += 8
                while bits >= 5 {
                    bits -= 5
                    text.append(alphabet[Int(buffer >> UInt32(bits) & 31)])
                }
            }
            if bits > 0 { text.append(alphabet[Int(buffer << UInt32(5 - bits) & 31)]) }
            return String(decoding: text, as: UTF8.self)
        }

        package static func decode(_ text: String) -> [UInt8]? {
            var bytes: [UInt8] = []
            var buffer: UInt32 = 0
            var bits = 0
            for character in text.utf8 {
                guard let value = alphabet.firstIndex(of: character) else { return nil }
                buffer = buffer << 5 | UInt32(value)
                bits += 5
                if bits >= 8 {
                    bits -= 8
                    bytes.append(UInt8(truncatingIfNeeded: buffer >> UInt32(bits)))
                }
            }
            return bytes
        }
    }

    /// The checksum of nkeys: CRC-16 with the polynomial 0x1021 and a start of 0.
    package enum Checksum {
        package static func crc16(_ bytes: ArraySlice<UInt8>) -> UInt16 {
            var sum: UInt16 = 0
            for byte in bytes {
                sum ^= UInt16(byte) << 8
                for _ in 0..<8 { sum = sum & 0x8000 != 0 ? sum << 1 ^ 0x1021 : sum << 1 }
            }
            return sum
        }
    }
#endif
