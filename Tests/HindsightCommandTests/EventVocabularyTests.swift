import Hindsight
import HindsightCommand
import HindsightPostgres
import Testing

@Suite("The event types that an app knows", .timeLimit(.minutes(1)))
struct EventVocabularyTests {
    private struct CreateFine: Event {
        static let schemaVersion = 3
        var points: Int
    }

    private struct CreateFineV2: Event {
        static let eventType = "CreateFine"
        static let schemaVersion = 2
        var points: String
    }

    private struct FineMade: Event {
        var amount: Int
        var reason: [Int]
    }

    private struct NotANumber: Error, CustomStringConvertible {
        let description = "the points are not a number"
    }

    private struct Paid: Event {}

    private let vocabulary = {
        var registry = EventRegistry()
        // Renamed on the way.
        registry.upcast(from: FineMade.self, to: CreateFineV2.self) { CreateFineV2(points: "\($0.amount)") }
        registry.upcast(from: CreateFineV2.self, to: CreateFine.self) { old in
            guard let points = Int(old.points) else { throw NotANumber() }
            return CreateFine(points: points)
        }
        let projection = SQLProjection("payments", version: 1, setUp: [], clear: []).on(Paid.self) { _, _, _ in }
        return EventVocabulary(registry: registry, projections: [projection])
    }()

    @Test func areThoseOfEventsAndProjections() {
        for name in ["CreateFine", "FineMade", "Paid"] { #expect(vocabulary.knows(name)) }
        #expect(!vocabulary.knows("create fine"))
        #expect(!EventVocabulary().knows("CreateFine"))
    }

    @Test func haveACurrentVersion() {
        #expect(vocabulary.currentVersion(of: "CreateFine") == 3)
        #expect(vocabulary.currentVersion(of: "FineMade") == 1)
        #expect(vocabulary.currentVersion(of: "Nothing") == 1)
    }

    @Test(arguments: [
        ("create fine", "CreateFine"), ("CREATE_FINE", "CreateFine"), ("CreatFine", "CreateFine"),
        ("fine-made", "FineMade"), ("payed", "Paid"), ("", "Paid"),
    ])
    func areSuggested(name: String, nearest: String) {
        #expect(vocabulary.nearest(to: name) == nearest)
    }

    @Test func areNotSuggestedIfThereAreNone() {
        #expect(EventVocabulary().nearest(to: "x") == nil)
    }

    @Test(arguments: [
        ("kitten", "sitting", 3), ("", "abc", 3), ("abc", "", 3), ("same", "same", 0), ("flaw", "lawn", 2),
        ("Create Fine", "create_fine", 0),
    ])
    func differByLetters(left: String, right: String, distance: Int) {
        #expect(EditDistance.between(left, right) == distance)
        #expect(EditDistance.between(right, left) == distance)
    }

    @Test(
        arguments: [
            ("CreateFine", 3, #"{"points":5}"#, nil),
            ("CreateFine", 3, "{}", "\"points\" is missing"),
            ("CreateFine", 3, #"{"points":null}"#, "\"points\" is null"),
            ("CreateFine", 3, #"{"points":"5"}"#, "\"points\" is not Int"),
            ("CreateFine", 3, "[]", "the value is not"),
            ("CreateFine", 2, #"{"points":"5"}"#, nil),
            ("CreateFine", 2, #"{"points":"five"}"#, "the points are not a number"),
            ("CreateFine", 1, "{}", "schema version 1 is not known, only 2, 3"),
            ("FineMade", 1, #"{"amount":1,"reason":[1]}"#, nil),
            ("FineMade", 1, #"{"amount":1,"reason":[1,"x"]}"#, "\"reason.1\" is not Int"),
            ("Nothing", 1, "{}", nil), ("Paid", 1, "[]", nil),
        ] as [(String, Int, String, String?)])
    func readTheirData(type: String, version: Int, data: String, reason: String?) {
        let refusal = vocabulary.refusal(type, version, data: Array(data.utf8))
        if let reason {
            #expect(refusal?.contains(reason) == true, "\(refusal ?? "it is read")")
            #expect(refusal?.hasSuffix(".") == false)
        } else {
            #expect(refusal == nil)
        }
    }

    /// What another projection reads of a payment.
    private struct PaidAmount: Event {
        static let eventType = "Paid"
        var amount: Int
    }

    @Test("read data as each projection does, although both call its type the same")
    func severalTypesOfOneName() {
        let both = EventVocabulary(
            projections: [
                SQLProjection("payments", version: 1, setUp: [], clear: []).on(Paid.self) { _, _, _ in },
                SQLProjection("amounts", version: 1, setUp: [], clear: []).on(PaidAmount.self) { _, _, _ in },
            ])
        #expect(both.refusal("Paid", 1, data: Array(#"{"amount":1}"#.utf8)) == nil)
        let refusal = both.refusal("Paid", 1, data: Array("{}".utf8))
        #expect(refusal?.contains("\"amount\" is missing") == true, "\(refusal ?? "")")
        #expect(both.refusal("Paid", 2, data: Array("{}".utf8))?.contains("schema version 2 is not known") == true)
    }
}
