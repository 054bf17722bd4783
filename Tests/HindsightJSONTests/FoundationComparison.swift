import HindsightJSON
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What came of decoding a document: a value, or a description of the error that leaves out its wording.
enum Outcome<Value: Equatable>: Equatable {
    case value(Value)
    case failure(kind: String, path: [String])
    case otherError(String)

    init(_ body: () throws -> Value) {
        do {
            self = .value(try body())
        } catch let error as DecodingError {
            self = .init(error)
        } catch {
            self = .otherError("\(error)")
        }
    }

    private init(_ error: DecodingError) {
        switch error {
        case .typeMismatch(_, let context): self = .failure(kind: "typeMismatch", path: Self.names(context.codingPath))
        case .valueNotFound(_, let context):
            self = .failure(kind: "valueNotFound", path: Self.names(context.codingPath))
        case .keyNotFound(let key, let context):
            self = .failure(kind: "keyNotFound \(key.stringValue)", path: Self.names(context.codingPath))
        case .dataCorrupted(let context):
            self = .failure(kind: "dataCorrupted", path: Self.names(context.codingPath))
        @unknown default: self = .otherError("\(error)")
        }
    }

    private static func names(_ path: [any CodingKey]) -> [String] {
        path.map { key in key.intValue.map { "\(key.stringValue)#\($0)" } ?? key.stringValue }
    }

    var isValue: Bool {
        switch self {
        case .value: true
        case .failure, .otherError: false
        }
    }

    /// Whether this is the same as Foundation's outcome.
    ///
    /// Foundation gives an empty path where a number does not fit or a string is no text; here there is always a path.
    ///
    /// - Parameter anyFailure: Whether one failure is as good as another. Foundation reads the members of a dictionary in an
    ///   order that differs from run to run, and finds out about malformed JSON only when it comes to it.
    func agrees(with foundation: Outcome, anyFailure: Bool = false) -> Bool {
        if self == foundation { return true }
        if anyFailure { return !isValue && !foundation.isValue }
        guard case .failure("dataCorrupted", _) = self else { return false }
        return foundation == .failure(kind: "dataCorrupted", path: [])
    }
}

/// Decodes a document with Foundation, with the same strategy for dates.
///
/// Foundation takes the first of several members with one key, and is given only those that count.
func foundationOutcome<T: Decodable & Equatable>(_ type: T.Type, _ json: [UInt8]) -> Outcome<T> {
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    return Outcome { try decoder.decode(type, from: Data(LastMembers.of(json))) }
}

/// Decodes a document with the decoder under test.
func outcome<T: Decodable & Equatable>(_ type: T.Type, _ json: [UInt8]) -> Outcome<T> {
    Outcome { try JSONEventDecoder().decode(type, from: json) }
}

/// Expects the decoder under test to do with a document what Foundation does with it.
func expectAgreement<T: Decodable & Equatable>(
    _ type: T.Type, _ json: String, anyFailure: Bool = false, sourceLocation: SourceLocation = #_sourceLocation
) {
    let bytes = Array(json.utf8)
    let ours = outcome(type, bytes)
    let theirs = foundationOutcome(type, bytes)
    #expect(
        ours.agrees(with: theirs, anyFailure: anyFailure), "\(type) from \(json): \(ours), Foundation: \(theirs)",
        sourceLocation: sourceLocation)
}
