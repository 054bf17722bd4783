import CLibCrypto

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

extension UUID {
    /// The UUID of version 5 of a name in a namespace, as any language computes it.
    ///
    /// The id of a command's first event is that of the name `0` in the namespace of the command's id.
    ///
    /// Source: RFC 9562, section 5.5
    public static func version5(of namespace: UUID, _ name: String) -> UUID {
        let source = withUnsafeBytes(of: namespace.uuid) { Array($0) } + Array(name.utf8)
        var digest = [UInt8](repeating: 0, count: Int(SHA_DIGEST_LENGTH))
        _ = SHA1(source, source.count, &digest)
        digest[6] = digest[6] & 0x0F | 0x50
        digest[8] = digest[8] & 0x3F | 0x80
        return digest.withUnsafeBytes { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
    }

    /// As PostgreSQL prints it.
    var lowercased: String { uuidString.lowercased() }
}
