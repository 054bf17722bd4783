#if NATS
    /// The status that a server put into the headers of a message, such as 503 for nobody who listens.
    public struct NATSStatus: Sendable, Equatable {
        /// Its number, such as 100, 404, 408, 409 or 503.
        public let code: Int
        /// Its text, empty if the server sent none.
        public let text: String

        /// Nobody listens on the subject of a request.
        public static let noRespondersCode = 503

        /// The status in the first line of the headers, if there is one. The line is `NATS/1.0 CODE TEXT`, where the text can be
        /// missing and white space can be more than one space.
        package init?(parsing headers: UnsafeRawBufferPointer) {
            let prefix = "NATS/1.0".utf8.count
            guard headers.count > prefix, let end = headers.firstIndex(of: 0x0A), end > prefix else { return nil }
            let line = HeaderLines.trimmed(UnsafeRawBufferPointer(rebasing: headers[prefix..<end]))
            guard line.count >= 3 else { return nil }
            var code = 0
            for byte in line[..<3] {
                guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
                code = code * 10 + Int(byte - UInt8(ascii: "0"))
            }
            guard line.count == 3 || line[3] == 0x20 || line[3] == 0x09 else { return nil }
            self.code = code
            text = String(decoding: HeaderLines.trimmed(UnsafeRawBufferPointer(rebasing: line[3...])), as: UTF8.self)
        }
    }
#endif
