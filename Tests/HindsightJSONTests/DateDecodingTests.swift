import HindsightJSON
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite(.timeLimit(.minutes(10)))
struct DateDecodingTests {
    private static let strategies: [(JSONEventDecoder.DateStrategy, JSONDecoder.DateDecodingStrategy)] = [
        (.iso8601, .iso8601), (.secondsSince1970, .secondsSince1970), (.deferredToDate, .deferredToDate),
    ]

    @Test(arguments: [
        #""2010-12-01T08:26:00Z""#, #""2010-12-01T09:26:00+01:00""#, #""2010-12-01T08:26:00-08:30""#, "1291191960",
        "1291191960.25", "-1.5", "0", "null", "true", "\"x\"", "\"\"", #""2010-13-01T08:26:00Z""#, "[]", "{}",
        #""2010-12-01""#, "1e400",
    ])
    func agreesWithFoundation(json: String) {
        for (ours, theirs) in Self.strategies {
            var decoder = JSONEventDecoder()
            decoder.dateStrategy = ours
            let foundation = JSONDecoder()
            foundation.dateDecodingStrategy = theirs
            let bytes = Array("[\(json)]".utf8)
            let left = Outcome { try decoder.decode([Date].self, from: bytes) }
            let right = Outcome { try foundation.decode([Date].self, from: Data(bytes)) }
            #expect(left.agrees(with: right), "\(ours) \(json): \(left), Foundation: \(right)")
        }
    }
}
