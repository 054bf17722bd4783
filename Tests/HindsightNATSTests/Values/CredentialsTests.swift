#if NATS
    import HindsightNATS
    import Testing

    @Suite("Who a client is", .timeLimit(.minutes(1)))
    struct CredentialsTests {
        /// A seed and its public key, of the page on nkeys of the NATS documentation.
        static let seed = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY"
        static let publicKey = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4"

        @Test func knowsThePublicKeyOfASeed() throws {
            #expect(try SigningKey(seed: Self.seed, source: "a test").publicKey == Self.publicKey)
            #expect(try SigningKey(seed: "  \(Self.seed)\n", source: "a test").publicKey == Self.publicKey)
        }

        @Test("Signs as RFC 8032, 7.1, test 2 does")
        func signs() throws {
            func bytes(_ hex: String) -> [UInt8] {
                stride(from: 0, to: hex.count, by: 2).compactMap { start in
                    let from = hex.index(hex.startIndex, offsetBy: start)
                    return UInt8(hex[from..<hex.index(from, offsetBy: 2)], radix: 16)
                }
            }
            var seed: [UInt8] = [18 << 3 | 5, 0]
            seed += bytes("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
            let sum = Checksum.crc16(seed[...])
            seed += [UInt8(sum & 0xFF), UInt8(sum >> 8)]
            let key = try SigningKey(seed: Base32.encode(seed), source: "a test")
            let publicKey = try #require(Base32.decode(key.publicKey))
            #expect(
                Array(publicKey[1..<33]) == bytes("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"))
            let expected = bytes(
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
            )
            let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
            var bits = expected.reduce(into: "") { text, byte in
                let digits = String(byte, radix: 2)
                text += String(repeating: "0", count: 8 - digits.count) + digits
            }
            while bits.count % 6 != 0 { bits += "0" }
            let letters = stride(from: 0, to: bits.count, by: 6).map { start in
                let from = bits.index(bits.startIndex, offsetBy: start)
                return alphabet[Int(bits[from..<bits.index(from, offsetBy: 6)], radix: 2) ?? 0]
            }
            #expect(try key.sign("r") == String(letters))
        }

        @Test(
            "Seeds that cannot be used, and no error repeats one",
            arguments: [
                "", "SUAC", "zebra", "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VZ", publicKey,
                seed.lowercased(), seed + "A",
            ])
        func badSeeds(_ text: String) {
            let error = #expect(throws: NATSError.self) { try SigningKey(seed: text, source: "a test") }
            #expect(error?.code == .invalidConfiguration)
            #expect(text.isEmpty || error?.description.contains(text) == false)
        }

        @Test func aKeyShowsNoSeed() throws {
            let key = try SigningKey(seed: Self.seed, source: "a test")
            var dumped = ""
            dump(key, to: &dumped)
            for text in ["\(key)", String(reflecting: key), dumped] { #expect(!text.contains("seed"), "\(text)") }
        }

        @Test func base32GoesThereAndBack() {
            var generator = SystemRandomNumberGenerator()
            for count in 0..<40 {
                let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
                #expect(Base32.decode(Base32.encode(bytes)) == bytes)
            }
            #expect(Base32.decode("A1") == nil)
        }

        @Test(
            "Nothing secret is in any description",
            arguments: [
                NATSCredentials.token("zebra"), .user("u", password: "zebra"), .nkey(seed: "SUzebra"),
                .jwt("zebra", seed: "zebra"),
            ])
        func redacted(_ credentials: NATSCredentials) {
            var configuration = NATSConfiguration()
            configuration.credentials = credentials
            var texts = [
                "\(credentials)", String(reflecting: credentials), "\(configuration)",
                String(reflecting: configuration),
            ]
            var dumped = ""
            dump(credentials, to: &dumped)
            dump(configuration, to: &dumped)
            texts.append(dumped)
            texts += Mirror(reflecting: credentials).children.map { "\($0.value)" }
            for text in texts { #expect(!text.contains("zebra"), "\(text)") }
        }
    }
#endif
