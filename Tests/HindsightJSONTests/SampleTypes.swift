import HindsightValues

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

struct OrderLine: Codable, Equatable {
    var sku: String
    var description: String?
    var quantity: Int
    var unitPrice: ExactDecimal
    var customer: String?
    var country: String
}

struct Wrapper: Codable, Equatable {
    var rawValue: Int

    init(from decoder: any Decoder) throws {
        rawValue = try decoder.singleValueContainer().decode(Int.self)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}

enum Color: String, Codable {
    case red
    case green
}

enum Level: Int, Codable {
    case low = 1
    case high = 2
}

enum Shape: Codable, Equatable {
    case point
    case circle(radius: Double)
    case rectangle(width: Double, height: Double)
    case named(String, Int)
}

indirect enum Tree: Codable, Equatable {
    case leaf(Int)
    case node(left: Tree, right: Tree)
}

/// A value that nests for as long as there are arrays.
struct Nest: Codable, Equatable {
    var depth: Int

    init(from decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        depth = container.isAtEnd ? 1 : try container.decode(Nest.self).depth + 1
    }

    func encode(to encoder: any Encoder) throws {}
}

class Animal: Codable {
    var name: String
}

final class Dog: Animal {
    var tricks: [String]

    enum CodingKeys: CodingKey {
        case tricks
    }

    required init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        tricks = try container.decode([String].self, forKey: .tricks)
        try super.init(from: container.superDecoder())
    }
}

/// A class, and its superclass beside its own members.
struct Kennel: Decodable, Equatable {
    var dog: Dog

    static func == (lhs: Kennel, rhs: Kennel) -> Bool {
        lhs.dog.name == rhs.dog.name && lhs.dog.tricks == rhs.dog.tricks
    }
}

/// Everything that a synthesized type can hold.
struct Everything: Codable, Equatable {
    var text: String?
    var flag: Bool?
    var int: Int?
    var int8: Int8?
    var uint16: UInt16?
    var uint64: UInt64?
    var double: Double?
    var float: Float?
    var strings: [String]?
    var optionals: [Int?]?
    var byName: [String: Int]?
    var byNumber: [Int: String]?
    var color: Color?
    var level: Level?
    var shape: Shape?
    var shapes: [Shape]?
    var wrapper: Wrapper?
    var nested: [[Int]]?
    var line: OrderLine?
    var lines: [OrderLine]?
    var uuid: UUID?
    var url: URL?
    var data: Data?
    var decimal: Decimal?
    var price: ExactDecimal?
    var at: Timestamp?
    var day: Day?
    var tree: Tree?
}
