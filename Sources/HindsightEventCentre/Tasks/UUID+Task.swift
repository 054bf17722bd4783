import CLibCrypto

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension UUID {
    /// The id under which the receipt of what is done for a task is stored: the first 16 bytes of SHA-256 of the event's id and the task's
    /// name, as a UUID of version 8.
    ///
    /// No command may have one of that version. Otherwise whoever may hand in any command could end the task of an event whose id they
    /// know, or keep it from its end.
    ///
    /// Source: RFC 9562, section 5.8
    static func task(_ task: String, of event: UUID) -> UUID {
        let source = withUnsafeBytes(of: event.uuid) { Array($0) } + Array(task.utf8)
        var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        _ = SHA256(source, source.count, &digest)
        digest[6] = digest[6] & 0x0F | 0x80
        digest[8] = digest[8] & 0x3F | 0x80
        return digest.withUnsafeBytes { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
    }

    /// Whether it may be that of what is done for a task.
    var isOfTask: Bool { uuid.6 >> 4 == 8 }
}
