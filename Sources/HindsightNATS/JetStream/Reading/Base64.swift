#if NATS
    #if canImport(FoundationEssentials)
        import FoundationEssentials
    #else
        import Foundation
    #endif
    import NIOCore

    /// Bytes as the API writes them into JSON.
    enum Base64 {
        /// The bytes; `nil` if the text is not of base64.
        static func decode(_ text: String) -> ByteBuffer? {
            guard !text.isEmpty else { return ByteBuffer() }
            return Data(base64Encoded: text).map { ByteBuffer(bytes: $0) }
        }
    }
#endif
