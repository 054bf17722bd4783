import HindsightJSON
import HindsightTestSupport
import HindsightValues
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Documents that are broken in every way that chance finds.
@Suite(.timeLimit(.minutes(10)))
struct MutationTests {
    static let everything = #"""
        {"text":"a \"quoted\" \u00e9\ud83d\ude00 text","flag":true,"int":-12345,"int8":127,"uint16":65535,
        "uint64":18446744073709551615,"double":1.25e-3,"float":0.1,"strings":["a","é","","a longer string than fifteen"],
        "optionals":[1,null,3],"byName":{"a":1,"b":2},"byNumber":{"1":"x","22":"y"},"color":"red","level":2,
        "shape":{"rectangle":{"width":1,"height":2.5}},"shapes":[{"point":{}},{"named":{"_0":"n","_1":3}}],"wrapper":7,
        "nested":[[1,2],[],[3]],"line":{"sku":"85123A","description":null,"quantity":6,"unitPrice":"2.55","country":"UK"},
        "lines":[{"sku":"1","quantity":1.0,"unitPrice":2.50,"customer":"17850","country":"France"}],
        "uuid":"017F22E2-79B0-7CC3-98C4-DC0C0C07398F","url":"https://example.org/a?b=c","data":"aGVsbG8=",
        "decimal":12.340,"price":"-0.005","at":"2010-12-01T08:26:00.123Z","day":"2010-12-01",
        "tree":{"node":{"left":{"leaf":{"_0":1}},"right":{"leaf":{"_0":2}}}},"unknown":[{"x":[1e5,false,null]}]}
        """#

    static let order = #"""
        {"sku":"85123A","description":"WHITE HANGING HEART T-LIGHT HOLDER","quantity":6,"unitPrice":"2.55","customer":"17850","country":"United Kingdom"}
        """#

    /// What can be put into a document.
    private static let fragments = [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud83d", "\\u0000", "-", "+", ".", "e", "E", "0", "1", "9",
        "99999999999",
        "1.5", "1e5", "-0", "null", "true", "false", " ", "\n", "\t", "\u{0}", "\u{1}", "é", "\u{301}", "😀", "[]", "{}",
        "\"\"",
        "\"a\":", "\"quantity\":", "\"int\":1,", ",1", "[[[[", "2010", "-12", "Z", "=",
    ].map { Array($0.utf8) }

    private static func mutate(_ json: [UInt8], using generator: inout SeededGenerator) -> [UInt8] {
        var json = json
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
            let position = Int.random(in: 0...json.count, using: &generator)
            let end = min(json.count, position + Int.random(in: 0...4, using: &generator))
            switch Int.random(in: 0..<7, using: &generator) {
            case 0: json.removeSubrange(position..<end)
            case 1: json.insert(contentsOf: fragments.randomElement(using: &generator)!, at: position)
            case 2: json.replaceSubrange(position..<end, with: fragments.randomElement(using: &generator)!)
            case 3 where position < json.count: json[position] = .random(in: 0...255, using: &generator)
            case 4 where position < json.count: json[position] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 5:
                let from = Int.random(in: 0...json.count, using: &generator)
                let piece = Array(json[from..<min(json.count, from + 12)])
                json.insert(contentsOf: piece, at: position)
            default:
                // Numbers and keys are worth more than chance gives them.
                guard let digit = json.indices.filter({ json[$0] &- 48 < 10 }).randomElement(using: &generator) else {
                    continue
                }
                json[digit] = fragments.randomElement(using: &generator)!.first!
            }
        }
        return json
    }

    private static func check<T: Decodable & Equatable>(
        _ type: T.Type, _ json: [UInt8], after decoder: JSONEventDecoder, _ accepted: inout Int, _ strict: inout Int
    ) {
        let isValid = ReferenceValidator.isValid(json)
        #expect(((try? JSONScanner.validate(json)) != nil) == isValid, "\(String(decoding: json, as: UTF8.self))")
        let ours = outcome(type, json)
        if ours.isValue { accepted += 1 }
        // What a decoder has decoded before makes no difference.
        let again = Outcome { try decoder.decode(type, from: json) }
        #expect(again == ours || !again.isValue && !ours.isValue, "\(String(decoding: json, as: UTF8.self))")
        let theirs = foundationOutcome(type, json)
        if isValid {
            // An error in one of two members of a dictionary, or in both: the order is not the same.
            #expect(
                ours.agrees(with: theirs, anyFailure: true) || isKnownDifference(ours, theirs, json),
                "\(String(decoding: json, as: UTF8.self)): \(ours), Foundation: \(theirs)")
        } else {
            if theirs.isValue { strict += 1 }
            #expect(!ours.isValue, "\(String(decoding: json, as: UTF8.self))")
        }
    }

    /// Whether it may be one of the differences in `DifferenceTests`: Foundation drops the fraction of a number of more than
    /// 53 bits, and refuses some zeros with an exponent.
    private static func isKnownDifference<T>(_ ours: Outcome<T>, _ theirs: Outcome<T>, _ json: [UInt8]) -> Bool {
        if ours == .failure(kind: "dataCorrupted", path: ["uint64"]) { return true }
        guard ours.isValue, theirs == .failure(kind: "dataCorrupted", path: []) else { return false }
        return zip(json, json.dropFirst()).contains { $0 == UInt8(ascii: "0") && $1 | 0x20 == UInt8(ascii: "e") }
    }

    @Test(arguments: [2010, 2011, 2012, 2013])
    func agreesWithFoundationOnMutations(seed: UInt64) async {
        var generator = SeededGenerator(seed: seed)
        var accepted = 0
        var strict = 0
        let decoder = JSONEventDecoder()
        let order = Array(Self.order.utf8)
        for number in 0..<18_000 {
            // Other tests want the threads as well.
            if number.isMultiple(of: 50) { await Task.yield() }
            Self.check(OrderLine.self, Self.mutate(order, using: &generator), after: decoder, &accepted, &strict)
        }
        let everything = Array(Self.everything.utf8)
        for number in 0..<7_000 {
            if number.isMultiple(of: 50) { await Task.yield() }
            Self.check(Everything.self, Self.mutate(everything, using: &generator), after: decoder, &accepted, &strict)
        }
        // Chance must have left enough documents whole, or this says little.
        #expect(accepted > 2_500)
        // What only Foundation accepts, all of it malformed.
        #expect(strict < 1_000)
    }

    @Test func wholeDocumentsAreTheSame() {
        #expect(outcome(Everything.self, Array(Self.everything.utf8)).isValue)
        expectAgreement(Everything.self, Self.everything)
        expectAgreement(OrderLine.self, Self.order)
    }

    /// Each document ends where its memory ends, so that a sanitizer sees a read beyond it.
    @Test func everyTruncationIsAnError() {
        for json in [Array(Self.everything.utf8), Array(Self.order.utf8), Array(#"["\ud83d\ude00é"]"#.utf8)] {
            for length in 0..<json.count {
                let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, length), alignment: 1)
                defer { memory.deallocate() }
                memory.copyBytes(from: json[..<length])
                let bytes = UnsafeRawBufferPointer(rebasing: memory[..<length])
                #expect(throws: DecodingError.self) { try JSONEventDecoder().decode(Everything.self, from: bytes) }
                #expect(throws: JSONError.self) { try JSONScanner.validate(bytes) }
                #expect(throws: JSONError.self) { try walk(bytes) }
            }
        }
    }

    private func walk(_ bytes: UnsafeRawBufferPointer) throws {
        var scanner = try JSONScanner(bytes)
        while let member = try scanner.nextMember() { _ = try member.key }
    }
}
