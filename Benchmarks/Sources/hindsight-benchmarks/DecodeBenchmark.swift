import Foundation
import Hindsight
import HindsightJSON
import HindsightValues

/// Decoding the shop's events as plain `Codable` types, against Foundation's `JSONDecoder`.
struct DecodeBenchmark {
    let payloads: [(type: String, data: [UInt8])]

    func measure(pairs: Int) throws -> [Report] {
        let fast = JSONEventDecoder()
        let foundation = JSONDecoder()
        let ready = payloads.map { (type: $0.type, data: Data($0.data)) }
        var measured: [(Double, Double)] = []
        for _ in 0..<pairs {
            let figure = try rate(payloads) { type, data in try Self.decode(type) { try fast.decode($0, from: data) } }
            let baseline = try rate(ready) { type, data in try Self.decode(type) { try foundation.decode($0, from: data) } }
            measured.append((figure, baseline))
        }
        return [
            Report(
                name: "decoding the shop's events", unit: "events/s", pairs: measured,
                baselineName: "Foundation's JSONDecoder", goal: .atLeast(5))
        ]
    }

    private func rate<Bytes>(
        _ payloads: [(type: String, data: Bytes)], _ decode: (String, Bytes) throws -> Int
    ) throws -> Double {
        let start = ContinuousClock.now
        var sum = 0
        for payload in payloads { sum += try decode(payload.type, payload.data) }
        let elapsed = ContinuousClock.now - start
        // The sum is used, so that the loop cannot be left out.
        guard sum != .min else { throw BenchmarkError("impossible sum") }
        return Double(payloads.count) / elapsed.seconds
    }

    private static func decode(_ type: String, _ decode: (any OrderLine.Type) throws -> any OrderLine) throws -> Int {
        switch type {
        case OrderLinePlaced.eventType: try decode(OrderLinePlaced.self).quantity
        case OrderLineCancelled.eventType: try decode(OrderLineCancelled.self).quantity
        default: try decode(AdjustmentMade.self).quantity
        }
    }
}
