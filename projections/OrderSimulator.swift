import Hindsight
import HindsightJSON
import HindsightValues

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Makes up orders, one after the other: each of one customer, on one day.
struct OrderSimulator {
    private struct Product {
        var sku: String
        var description: String
        /// In pence.
        var price: Int
    }

    private let seed: UInt64
    private var random: SeededGenerator
    private let products: [Product]
    private var number = 0
    /// Milliseconds since 1970; the first order comes in at 2026-01-02T08:00:00Z.
    private var clock: Int64 = 1_767_340_800_000

    init(seed: UInt64) {
        self.seed = seed
        var random = SeededGenerator(seed: seed)
        products = (0..<3_000).map { Self.product($0, &random) }
        self.random = random
    }

    /// The next orders, each as the events of its stream.
    mutating func orders(_ count: Int) -> [[StreamEvent]] {
        (0..<count).map { _ in order() }
    }

    private mutating func order() -> [StreamEvent] {
        number += 1
        clock += Int64.random(in: 20_000...240_000, using: &random)
        let stream = StreamName(category: "order", id: "s\(seed)-\(number)")
        // One in twelve is a return of goods; a quarter are guests of whom nothing is known.
        let isReturn = Int.random(in: 0..<12, using: &random) == 0
        let customer = Int.random(in: 0..<4, using: &random) == 0 ? nil : 10_000 + skewed(20_000)
        let country = Self.countries[skewed(Self.countries.count)]
        let at = Timestamp(microsecondsSince1970: clock * 1_000)
        return (0..<(isReturn ? 1 + skewed(8) : 1 + skewed(80))).map { line in
            let product = products[skewed(products.count)]
            let quantity = (1 + skewed(24)) * (isReturn ? -1 : 1)
            let type = isReturn ? OrderLineCancelled.eventType : OrderLinePlaced.eventType
            return StreamEvent(
                stream,
                NewEvent(
                    type: type, data: data(product, quantity, customer, country), id: id(line), occurredAt: at))
        }
    }

    /// Written by hand, as an importer would: a million of them take seconds.
    private func data(_ product: Product, _ quantity: Int, _ customer: Int?, _ country: String) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(160)
        bytes += Array("{\"sku\":".utf8)
        JSONWriter.append(product.sku, to: &bytes)
        bytes += Array(",\"description\":".utf8)
        JSONWriter.append(product.description, to: &bytes)
        bytes += Array(",\"quantity\":\(quantity),\"unitPrice\":\"".utf8)
        let pence = product.price % 100
        bytes += Array("\(product.price / 100).\(pence < 10 ? "0" : "")\(pence)\",\"customer\":".utf8)
        bytes += Array((customer.map { "\"\($0)\"" } ?? "null").utf8)
        bytes += Array(",\"country\":".utf8)
        JSONWriter.append(country, to: &bytes)
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    /// A UUID of version 7 that belongs to the line of the order: time, seed, number and line, mixed.
    private func id(_ line: Int) -> UUID {
        var mixer = SeededGenerator(seed: seed &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(number) << 20 ^ UInt64(line))
        let high = UInt64(bitPattern: clock) << 16 | 0x7000 | mixer.next() & 0x0FFF
        let low = 0x8000_0000_0000_0000 | mixer.next() >> 2
        return withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
    }

    /// A number below a bound, small ones more often: a few products make most of the sales.
    private mutating func skewed(_ bound: Int) -> Int {
        let share = Double.random(in: 0..<1, using: &random)
        return Int(share * share * Double(bound))
    }

    private static func product(_ index: Int, _ random: inout SeededGenerator) -> Product {
        let words = [colours, materials, things].map { $0[Int.random(in: 0..<$0.count, using: &random)] }
        return Product(
            sku: "\(20_000 + index)", description: words.joined(separator: " "),
            price: Int.random(in: 12...1_995, using: &random))
    }

    private static let colours = ["RED", "BLUE", "GREEN", "IVORY", "PINK", "BLACK", "WHITE", "VINTAGE", "RETRO"]
    private static let materials = ["GLASS", "WOODEN", "ENAMEL", "CERAMIC", "PAPER", "COTTON", "METAL", "WICKER"]
    private static let things = [
        "LANTERN", "TEAPOT", "CAKE STAND", "PHOTO FRAME", "LUNCH BAG", "DOORMAT", "CANDLE", "MUG", "CLOCK", "HOOK",
        "JAM JAR", "BUNTING", "PENCIL CASE", "HOT WATER BOTTLE", "T-LIGHT HOLDER",
    ]
    private static let countries = [
        "United Kingdom", "Germany", "France", "EIRE", "Spain", "Netherlands", "Belgium", "Switzerland", "Portugal",
        "Australia", "Norway", "Italy", "Finland", "Denmark", "Japan",
    ]
}

/// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014): the same numbers everywhere.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
