import HindsightJSON

/// The keys of an imported or exported line, in the order in which export writes them.
enum ImportKey: String, CaseIterable {
    case stream
    case type
    case at
    case data
    case id
    case schema
    case correlation
    case causation
    case meta
    case recorded

    /// The key of a member.
    ///
    /// - Throws: ``ImportError`` if there is no such key.
    init(_ member: JSONMember) throws {
        for key in Self.allCases where member.hasKey(key.rawValue) {
            self = key
            return
        }
        let known = Self.allCases.map(\.rawValue).joined(separator: ", ")
        throw ImportError("unknown key \"\(try member.key)\"; there are \(known)")
    }

    /// True if every line has it.
    var isRequired: Bool {
        switch self {
        case .stream, .type, .at, .data: true
        case .id, .schema, .correlation, .causation, .meta, .recorded: false
        }
    }

    /// The key's bit in a set of keys.
    var bit: UInt16 {
        switch self {
        case .stream: 1
        case .type: 2
        case .at: 4
        case .data: 8
        case .id: 16
        case .schema: 32
        case .correlation: 64
        case .causation: 128
        case .meta: 256
        case .recorded: 512
        }
    }

    /// The keys that every line has.
    static let requiredBits = allCases.filter(\.isRequired).reduce(0) { $0 | $1.bit }
}
