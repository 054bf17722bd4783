import HindsightJSON
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Types that write `init(from:)` themselves and use every part of the protocols.
@Suite(.timeLimit(.minutes(10)))
struct HandWrittenDecodingTests {
    /// Everything that the containers say about themselves and their contents, as text.
    private struct Trace: Decodable, Equatable {
        var lines: [String] = []

        enum Keys: String, CodingKey {
            case list, object, number, missing
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Keys.self)
            lines.append("keys \(container.allKeys.map(\.rawValue).sorted())")
            lines.append("contains \(container.contains(.list)) \(container.contains(.missing))")
            lines.append("nil \(try container.decodeNil(forKey: .number))")
            var list = try container.nestedUnkeyedContainer(forKey: .list)
            lines.append("list \(Self.text(list.codingPath)) \(list.count ?? -1)")
            while !list.isAtEnd { try trace(&list) }
            lines.append("end \(list.currentIndex)")
            lines.append(
                "end \(try list.decodeIfPresent(Int.self) == nil) \(try list.decodeIfPresent(Bool.self) == nil)")
            let object = try container.nestedContainer(keyedBy: Keys.self, forKey: .object)
            lines.append("object \(Self.text(object.codingPath)) \(try object.decode(Int.self, forKey: .number))")
            let absent = try object.superDecoder(forKey: .missing)
            lines.append("super \(Self.text(absent.codingPath)) \(try absent.singleValueContainer().decodeNil())")
            let parent = try object.superDecoder()
            lines.append("super \(Self.text(parent.codingPath)) \(try parent.singleValueContainer().decodeNil())")
        }

        private mutating func trace(_ list: inout any UnkeyedDecodingContainer) throws {
            lines.append("index \(list.currentIndex) nil \(try list.decodeNil())")
            guard !list.isAtEnd else { return }
            if let value = try? list.decode(Int.self) {
                lines.append("int \(value)")
            } else if let value = try? list.decodeIfPresent(String.self) {
                lines.append("string \(value)")
            } else if let value = try? list.decode(Bool.self) {
                lines.append("bool \(value)")
            } else if let value = try? list.decode([Double].self) {
                lines.append("array \(value)")
            } else if let nested = try? list.nestedContainer(keyedBy: Keys.self) {
                lines.append("object \(Self.text(nested.codingPath)) \(try nested.decode(Int.self, forKey: .number))")
            } else {
                let decoder = try list.superDecoder()
                lines.append("super \(Self.text(decoder.codingPath))")
            }
        }

        private static func text(_ path: [any CodingKey]) -> String {
            path.map(\.stringValue).joined(separator: "/")
        }
    }

    @Test(arguments: [
        #"{"list":[1,"a",null,true,[1,2.5],{"number":4},[[]],1.5],"object":{"number":3},"number":null}"#,
        #"{"list":[],"object":{"number":3,"super":{}},"number":1}"#,
        #"{"list":[{"number":"x"}],"object":{"number":3,"super":null},"number":1}"#,
        #"{"list":[{}],"object":{"number":3},"number":1}"#,
        #"{"list":{},"object":{"number":3},"number":1}"#,
        #"{"list":null,"object":{"number":3},"number":1}"#,
        #"{"list":[],"object":[],"number":1}"#,
        #"{"list":[],"object":null,"number":1}"#,
        #"{"list":[],"object":{"number":3}}"#,
        #"{"list":[],"object":{},"number":3}"#,
    ])
    func agreesWithFoundation(json: String) {
        expectAgreement(Trace.self, json)
    }

    @Test(arguments: ["[]", "[1]", "[[1]]", "[{}]", "[null]", "[[[]]]", "[[],[1,[2,\"x\"]]]"])
    func pathsThroughArrays(json: String) {
        expectAgreement([[Int]].self, json)
        expectAgreement([[[Int]]].self, json)
        expectAgreement([[String: Int]].self, json)
        expectAgreement([PastTheEnd].self, json)
    }

    private struct PastTheEnd: Decodable, Equatable {
        init(from decoder: any Decoder) throws {
            var container = try decoder.unkeyedContainer()
            while !container.isAtEnd { _ = try container.superDecoder() }
            _ = try container.decode(String.self)
        }
    }

    @Test func pathsThroughObjects() {
        for json in [
            #"{"a":{"b":[{"c":1},{"c":"x"}]}}"#, #"{"z":{"y":[{},[]]},"a":{}}"#,
            #"{"a":{"b":[null]}}"#,
            #"{"a":{"b":{}}}"#, #"{"a":{}}"#, #"{"a":[]}"#, #"{"a\u0062":1}"#, #"{"a":{"b":[{"c":1},7]}}"#,
        ] {
            expectAgreement([String: [String: [[String: Int]]]].self, json)
        }
    }

    @Test func passesUserInfo() throws {
        struct Reader: Decodable {
            var info: String?
            init(from decoder: any Decoder) throws {
                info = decoder.userInfo[CodingUserInfoKey(rawValue: "tenant")!] as? String
            }
        }
        var decoder = JSONEventDecoder()
        #expect(try decoder.decode(Reader.self, from: Array("{}".utf8)).info == nil)
        decoder.userInfo[CodingUserInfoKey(rawValue: "tenant")!] = "north"
        #expect(try decoder.decode(Reader.self, from: Array("{}".utf8)).info == "north")
        decoder.userInfo = [:]
        #expect(try decoder.decode(Reader.self, from: Array("{}".utf8)).info == nil)
    }

    @Test func errorsOfTypesPassThrough() {
        struct Refusal: Error {}
        struct Refusing: Decodable {
            init(from decoder: any Decoder) throws { throw Refusal() }
        }
        #expect(throws: Refusal.self) { try JSONEventDecoder().decode([Refusing].self, from: Array("[1]".utf8)) }
    }
}
