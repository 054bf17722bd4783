import CLibCrypto

/// One certificate and its key, on the curve P-256, which all TLS libraries take.
final class TestCertificate {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let certificate: OpaquePointer
    private let key: OpaquePointer

    /// Makes a certificate.
    ///
    /// - Parameters:
    ///   - name: Its common name.
    ///   - extensions: Their numbers and values in the words of OpenSSL.
    ///   - validity: How long it holds from now on; one that is not positive has run out.
    ///   - issuer: Who signs it. Defaults to itself.
    init(
        name: String, extensions: [(Int32, String)], validity: Duration = .seconds(86_400),
        issuer: TestCertificate? = nil
    ) throws {
        let key = try Self.makeKey()
        guard let certificate = X509_new() else {
            EVP_PKEY_free(key)
            throw Failure(description: "X509_new failed")
        }
        (self.certificate, self.key) = (certificate, key)
        let authority = issuer ?? self
        let subject = X509_get_subject_name(certificate)
        try check("X509_set_version", X509_set_version(certificate, 2))
        try check(
            "ASN1_INTEGER_set_uint64",
            ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), .random(in: 1 ... .max)))
        try check("X509_set_pubkey", X509_set_pubkey(certificate, key))
        // From an hour ago, or an hour before its end if that is past.
        let end = Int(validity.components.seconds)
        let start = min(end, 0) - 3_600
        guard X509_gmtime_adj(X509_getm_notBefore(certificate), start) != nil,
            X509_gmtime_adj(X509_getm_notAfter(certificate), end) != nil
        else { throw Failure(description: "X509_gmtime_adj failed") }
        try check(
            "X509_NAME_add_entry_by_txt",
            X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, name, -1, -1, 0))
        try check(
            "X509_set_issuer_name", X509_set_issuer_name(certificate, X509_get_subject_name(authority.certificate)))
        for (number, value) in extensions { try add(number, value) }
        guard X509_sign(certificate, authority.key, EVP_sha256()) > 0 else {
            throw Failure(description: "X509_sign failed")
        }
    }

    deinit {
        X509_free(certificate)
        EVP_PKEY_free(key)
    }

    /// Writes the certificate, and its private key if a path is given, as PEM files.
    func write(certificate path: String, key keyPath: String? = nil) throws {
        try Self.write(to: path) { PEM_write_bio_X509($0, certificate) }
        if let keyPath {
            try Self.write(to: keyPath) { PEM_write_bio_PrivateKey($0, key, nil, nil, 0, nil, nil) }
        }
    }

    private static func write(to path: String, _ body: (OpaquePointer) -> Int32) throws {
        guard let file = BIO_new_file(path, "w") else { throw Failure(description: "cannot write \(path)") }
        defer { BIO_free(file) }
        guard body(file) == 1 else { throw Failure(description: "cannot write \(path)") }
    }

    private static func makeKey() throws -> OpaquePointer {
        let context = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nil)
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) == 1,
            EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1) == 1,
            EVP_PKEY_keygen(context, &key) == 1, let key
        else { throw Failure(description: "libcrypto made no key") }
        return key
    }

    private func add(_ number: Int32, _ value: String) throws {
        guard let made = X509V3_EXT_conf_nid(nil, nil, number, value) else {
            throw Failure(description: "libcrypto does not take the extension \(value)")
        }
        defer { X509_EXTENSION_free(made) }
        try check("X509_add_ext", X509_add_ext(certificate, made, -1))
    }

    private func check(_ call: String, _ result: Int32) throws {
        guard result == 1 else { throw Failure(description: "\(call) failed") }
    }
}
