#if NATS
    import NIOSSL

    extension NATSTransportSecurity {
        /// Encrypted after the server's greeting, with certificates in files of PEM.
        ///
        /// - Parameters:
        ///   - authority: the certificates of those whom to trust; `nil` for those whom the system trusts.
        ///   - certificate: the certificate to show to the server, with those between it and its authority; `nil` for none.
        ///   - key: the private key of that certificate.
        /// - Throws: ``NATSError/Code/invalidConfiguration`` if a file cannot be read as what it should be.
        public static func required(
            trusting authority: String?, showing certificate: String? = nil, withKey key: String? = nil
        ) throws(NATSError) -> Self {
            var configuration = TLSConfiguration.makeClientConfiguration()
            if let authority {
                // Read here, so that a wrong path is an error at once and not at each connection.
                configuration.trustRoots = .certificates(try read(authority, "certificates of authorities"))
            }
            if let certificate, let key {
                configuration.certificateChain = try read(certificate, "certificates").map { .certificate($0) }
                do {
                    configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: key, format: .pem))
                } catch {
                    throw NATSError(
                        .invalidConfiguration, "\(key) cannot be read as a private key in PEM", underlying: error)
                }
            }
            return .required(configuration)
        }

        private static func read(_ path: String, _ what: String) throws(NATSError) -> [NIOSSLCertificate] {
            do {
                let found = try NIOSSLCertificate.fromPEMFile(path)
                if !found.isEmpty { return found }
            } catch {
                throw NATSError(
                    .invalidConfiguration, "\(path) cannot be read as \(what) in PEM", underlying: error)
            }
            throw NATSError(.invalidConfiguration, "\(path) holds no \(what) in PEM")
        }
    }
#endif
