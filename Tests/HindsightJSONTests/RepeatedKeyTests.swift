import HindsightJSON
import Testing

/// A key that occurs more than once in an object: its last value counts.
@Suite("Keys that come twice", .timeLimit(.minutes(1)))
struct RepeatedKeyTests {
    private struct Line: Codable, Equatable {
        var sku: String?
        var quantity: Int
        var next: [Line]?
    }

    private func expect(_ json: String, _ line: Line, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(outcome(Line.self, Array(json.utf8)) == .value(line), "\(json)", sourceLocation: sourceLocation)
    }

    @Test func haveTheLastValue() {
        expect(#"{"quantity":1,"quantity":2}"#, Line(quantity: 2))
        expect(#"{"quantity":"one","sku":"a","quantity":2,"sku":"b"}"#, Line(sku: "b", quantity: 2))
        expect(#"{"quantity":1,"sku":"a","sku":null}"#, Line(quantity: 1))
        expect(#"{"quantity":1,"sku":null,"sku":"a"}"#, Line(sku: "a", quantity: 1))
        expect(#"{"quantity":1,"quantit\u0079":2}"#, Line(quantity: 2))
        expect(#"{"quantit\u0079":1,"quantity":2}"#, Line(quantity: 2))
        expect(
            #"{"quantity":1,"next":[{"quantity":2}],"next":[{"quantity":3,"quantity":4}]}"#,
            Line(quantity: 1, next: [Line(quantity: 4)]))
    }

    @Test func haveTheLastValueInLargeObjects() {
        let others = (0..<300).map { #""k\#($0)":\#($0)"# }.joined(separator: ",")
        expect(#"{"quantity":1,\#(others),"quantity":2}"#, Line(quantity: 2))
        let numbers = outcome([String: Int].self, Array(#"{\#(others),"k7":-7}"#.utf8))
        guard case .value(let values) = numbers else { return #expect(numbers.isValue) }
        #expect(values.count == 300 && values["k7"] == -7)
    }

    @Test func areAnErrorIfTheLastValueIs() {
        #expect(
            outcome(Line.self, Array(#"{"quantity":1,"quantity":"two"}"#.utf8))
                == .failure(kind: "typeMismatch", path: ["quantity"]))
    }

    private struct Keys: Decodable, Equatable {
        var keys: [String]

        init(keys: [String]) { self.keys = keys }

        init(from decoder: any Decoder) throws {
            keys = try decoder.container(keyedBy: Key.self).allKeys.map(\.stringValue)
        }

        private struct Key: CodingKey {
            var stringValue: String
            var intValue: Int? { nil }
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }
    }

    @Test func areListedOnceWhereTheLastValueIs() {
        #expect(
            outcome(Keys.self, Array(#"{"a":1,"b":2,"a":3,"c":4,"\u0062":5}"#.utf8))
                == .value(Keys(keys: ["a", "c", "b"])))
    }

    @Test func nameOneCaseOfAnEnum() {
        let json = #"{"circle":{"radius":1},"circle":{"radius":2.5}}"#
        #expect(outcome(Shape.self, Array(json.utf8)) == .value(.circle(radius: 2.5)))
    }
}
