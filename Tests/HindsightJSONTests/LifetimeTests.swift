import HindsightJSON
import Testing

/// Decoders and containers that outlive the call, and decoders that are used by many tasks or within one another.
@Suite(.timeLimit(.minutes(10)))
struct LifetimeTests {
    private final class Keeper: Decodable {
        let decoder: any Decoder
        let container: KeyedDecodingContainer<Keys>
        var list: any UnkeyedDecodingContainer

        enum Keys: CodingKey {
            case text, list, missing
        }

        init(from decoder: any Decoder) throws {
            self.decoder = decoder
            container = try decoder.container(keyedBy: Keys.self)
            list = try container.nestedUnkeyedContainer(forKey: .list)
        }
    }

    @Test func containersMayBeKept() throws {
        let decoder = JSONEventDecoder()
        let keeper: Keeper
        do {
            var bytes = Array(#"{"text":"a text that is longer than a small string","list":[1,"two",[3]]}"#.utf8)
            keeper = try decoder.decode(Keeper.self, from: bytes)
            for index in bytes.indices { bytes[index] = UInt8(ascii: "x") }
        }
        // Another decode must not take the memory over.
        #expect(try decoder.decode([Int].self, from: Array("[9,8,7,6,5,4,3,2,1]".utf8)).count == 9)
        #expect(
            try keeper.container.decode(String.self, forKey: .text) == "a text that is longer than a small string")
        #expect(try keeper.list.decode(Int.self) == 1)
        #expect(try keeper.list.decode(String.self) == "two")
        #expect(try keeper.list.decode([Int].self) == [3])
        #expect(try keeper.container.superDecoder(forKey: .missing).singleValueContainer().decodeNil())
        #expect(try keeper.decoder.container(keyedBy: Keeper.Keys.self).allKeys.count == 2)
    }

    @Test func decodersMayBeNested() throws {
        struct Outer: Decodable {
            var inner: [Int]
            static let decoder = JSONEventDecoder()
            init(from decoder: any Decoder) throws {
                let text = try decoder.singleValueContainer().decode(String.self)
                inner = try Self.decoder.decode([Int].self, from: Array(text.utf8))
            }
        }
        let outer = try Outer.decoder.decode([Outer].self, from: Array(#"["[1,2]","[3]"]"#.utf8))
        #expect(outer.map(\.inner) == [[1, 2], [3]])
    }

    @Test func tasksMayShareADecoder() async {
        let decoder = JSONEventDecoder()
        await withTaskGroup(of: Bool.self) { group in
            for task in 0..<8 {
                group.addTask {
                    (0..<500).allSatisfy { round in
                        let json = Array(#"{"a":[\#(task),\#(round)],"b":[]}"#.utf8)
                        let value = try? decoder.decode([String: [Int]].self, from: json)
                        return value == ["a": [task, round], "b": []]
                    }
                }
            }
            for await isRight in group { #expect(isRight) }
        }
    }

    @Test func decodesFromAnyBytes() throws {
        let decoder = JSONEventDecoder()
        let bytes = Array("xx[1,2]yy".utf8)
        #expect(try decoder.decode([Int].self, from: bytes[2..<7]) == [1, 2])
        #expect(try decoder.decode([Int].self, from: "[1,2]".utf8) == [1, 2])
        #expect(try decoder.decode([Int].self, from: bytes[2..<7].lazy.map { $0 }) == [1, 2])
        #expect(try bytes[2..<7].withUnsafeBytes { try decoder.decode([Int].self, from: $0) } == [1, 2])
        #expect(throws: DecodingError.self) { try decoder.decode([Int].self, from: []) }
        #expect(throws: DecodingError.self) {
            try decoder.decode([Int].self, from: UnsafeRawBufferPointer(start: nil, count: 0))
        }
    }

    @Test func largeDocumentsLeaveNothingBehind() throws {
        let decoder = JSONEventDecoder()
        let large = Array("[\(Array(repeating: "1", count: 200_000).joined(separator: ","))]".utf8)
        #expect(try decoder.decode([Int].self, from: large).count == 200_000)
        #expect(try decoder.decode([Int].self, from: Array("[1]".utf8)) == [1])
        #expect(try decoder.decode([Int].self, from: large).count == 200_000)
    }
}
