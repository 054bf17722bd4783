#if NATS
    public import NIOSSL

    /// Whether a connection is encrypted, and when that begins.
    public struct NATSTransportSecurity: Sendable {
        enum Mode: Sendable {
            case ifAsked, required, first
        }

        let mode: Mode
        let configuration: TLSConfiguration

        /// Encrypted if the server requires it or its address begins with `tls://`, with the certificates that the system trusts.
        public static let ifAsked = Self(mode: .ifAsked, configuration: .makeClientConfiguration())

        /// Encrypted after the server's greeting. A server that offers no TLS is an error.
        ///
        /// - Parameter configuration: whom to trust and what to show.
        public static func required(_ configuration: TLSConfiguration = .makeClientConfiguration()) -> Self {
            Self(mode: .required, configuration: configuration)
        }

        /// Encrypted from the first byte, for servers with `handshake_first`.
        ///
        /// - Parameter configuration: whom to trust and what to show.
        public static func first(_ configuration: TLSConfiguration = .makeClientConfiguration()) -> Self {
            Self(mode: .first, configuration: configuration)
        }
    }
#endif
