import CLibCrypto

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Certificates for one test: an authority of its own, a server and a client, as PEM files in a temporary folder.
package struct TestCertificates: Sendable {
    /// The path of the authority's certificate, which both sides trust.
    package let authority: String
    /// The path of the server's certificate, for `localhost` and `127.0.0.1`.
    package let server: String
    /// The path of the server's private key.
    package let serverKey: String
    /// The path of the client's certificate.
    package let client: String
    /// The path of the client's private key.
    package let clientKey: String

    /// Runs `body` with new certificates, which are removed afterwards.
    ///
    /// - Parameters:
    ///   - subject: The names and addresses of the server, in the words of OpenSSL.
    ///   - validity: How long the server's certificate holds from now on; one that is not positive has run out.
    package static func with<Value>(
        subject: String = "DNS:localhost,IP:127.0.0.1", validity: Duration = .seconds(86_400),
        _ body: (TestCertificates) async throws -> Value
    ) async throws -> Value {
        let folder = "/tmp/hindsight-tls-\(String(UInt64.random(in: 0 ... .max), radix: 16))"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        // What cannot be removed is a few kilobytes of a test that is over.
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try await body(TestCertificates(in: folder, subject: subject, validity: validity))
    }

    private init(in folder: String, subject: String, validity: Duration) throws {
        authority = "\(folder)/authority.pem"
        server = "\(folder)/server.pem"
        serverKey = "\(folder)/server-key.pem"
        client = "\(folder)/client.pem"
        clientKey = "\(folder)/client-key.pem"
        let issuer = try TestCertificate(
            name: "Hindsight test authority", extensions: [(NID_basic_constraints, "critical,CA:TRUE")])
        try issuer.write(certificate: authority)
        try TestCertificate(
            name: "localhost", extensions: [(NID_subject_alt_name, subject), (NID_ext_key_usage, "serverAuth")],
            validity: validity, issuer: issuer
        ).write(certificate: server, key: serverKey)
        try TestCertificate(
            name: "client", extensions: [(NID_subject_alt_name, "DNS:client"), (NID_ext_key_usage, "clientAuth")],
            issuer: issuer
        ).write(certificate: client, key: clientKey)
    }
}
