import HindsightJSON
import Testing

/// Containers that are lent from decode to decode, and that some types do not give back.
@Suite(.timeLimit(.minutes(10)), .serialized)
struct KeptContainerTests {
    private final class Keeper: Decodable {
        let container: KeyedDecodingContainer<Keys>
        let decoder: (any Decoder)?

        enum Keys: CodingKey {
            case number, text, keepsDecoder, fails
        }

        /// Caught where it is thrown, in one task.
        struct Refusal: Error, @unchecked Sendable {
            let container: KeyedDecodingContainer<Keys>
        }

        init(from decoder: any Decoder) throws {
            container = try decoder.container(keyedBy: Keys.self)
            self.decoder = try container.decode(Bool.self, forKey: .keepsDecoder) ? decoder : nil
            if try container.decode(Bool.self, forKey: .fails) { throw Refusal(container: container) }
        }

        func check(_ number: Int) throws {
            try KeptContainerTests.check(container, number)
            if let decoder { try KeptContainerTests.check(decoder.container(keyedBy: Keys.self), number) }
        }
    }

    private struct Other: Codable, Equatable {
        var number: Int
        var text: String
    }

    private static func text(_ number: Int) -> String { "the text with the number \(number)" }

    private static func json(_ number: Int, keepsDecoder: Bool = false, fails: Bool = false) -> [UInt8] {
        Array(
            #"{"number":\#(number),"text":"\#(text(number))","keepsDecoder":\#(keepsDecoder),"fails":\#(fails)}"#.utf8)
    }

    private static func check(_ container: KeyedDecodingContainer<Keeper.Keys>, _ number: Int) throws {
        #expect(try container.decode(Int.self, forKey: .number) == number)
        #expect(try container.decode(String.self, forKey: .text) == text(number))
        #expect(container.allKeys.count == 4)
    }

    @Test func liveOnAsTheyWere() throws {
        let decoder = JSONEventDecoder()
        var keepers: [Int: Keeper] = [:]
        for number in 0..<400 {
            keepers[number] = try decoder.decode(
                Keeper.self, from: Self.json(number, keepsDecoder: number.isMultiple(of: 3)))
            let other = try decoder.decode(Other.self, from: Self.json(number))
            #expect(other == Other(number: number, text: Self.text(number)))
            // Some go while others stay.
            if number.isMultiple(of: 3) { keepers[number / 2] = nil }
        }
        #expect(keepers.count > 200)
        for (number, keeper) in keepers { try keeper.check(number) }
    }

    @Test func liveOnAfterAnErrorAndWithoutTheirDecoder() throws {
        var kept: [KeyedDecodingContainer<Keeper.Keys>] = []
        do {
            let decoder = JSONEventDecoder()
            for number in 0..<100 {
                do {
                    _ = try decoder.decode(Keeper.self, from: Self.json(number, fails: true))
                } catch let refusal as Keeper.Refusal {
                    kept.append(refusal.container)
                }
            }
        }
        #expect(kept.count == 100)
        for (number, container) in kept.enumerated() { try Self.check(container, number) }
    }

    /// Nothing tells when a container is gone; what is kept for those that are must not grow.
    @Test func doNotPileUp() throws {
        let before = JSONKeptDocuments.count
        let decoder = JSONEventDecoder()
        for number in 0..<1_000 { _ = try decoder.decode(Keeper.self, from: Self.json(number)) }
        #expect(JSONKeptDocuments.count <= max(16, 2 * before))
    }

    @Test func mayBeUsedByAnotherTask() async throws {
        let decoder = JSONEventDecoder()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    var keepers: [Keeper] = []
                    for number in 0..<200 {
                        keepers.append(try decoder.decode(Keeper.self, from: Self.json(task * 1_000 + number)))
                        if keepers.count > 20 { keepers.removeFirst() }
                    }
                    for (index, keeper) in keepers.enumerated() { try keeper.check(task * 1_000 + 180 + index) }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func areLentToEachDecodeInTurn() throws {
        struct Outer: Decodable, Equatable {
            var text: String
            var inner: [Outer]
            static let decoder = JSONEventDecoder()

            enum Keys: CodingKey { case text, inner }
            enum OtherKeys: CodingKey { case inner }

            init(from decoder: any Decoder) throws {
                let container = try decoder.container(keyedBy: Keys.self)
                let nested = try decoder.container(keyedBy: OtherKeys.self).decode(String.self, forKey: .inner)
                // A decode within this one, of the same type and with the same decoder.
                inner = nested.isEmpty ? [] : [try Self.decoder.decode(Outer.self, from: Array(nested.utf8))]
                text = try container.decode(String.self, forKey: .text)
            }
        }
        let json = Array(#"{"text":"outer","inner":"{\"text\":\"inner\",\"inner\":\"\"}"}"#.utf8)
        for _ in 0..<20 {
            let outer = try Outer.decoder.decode(Outer.self, from: json)
            #expect(outer.text == "outer" && outer.inner.map(\.text) == ["inner"])
        }
    }
}
