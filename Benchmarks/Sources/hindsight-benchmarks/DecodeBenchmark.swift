import Foundation
import Hindsight
import HindsightJSON
import HindsightValues

/// Decoding the shop's events as plain `Codable` types, against Foundation's `JSONDecoder`.
struct DecodeBenchmark {
    private let payloads: [(type: Int, data: [UInt8])]

    /// The three types by number, so that looking at names is not a part of what is measured.
    init(payloads: [(type: String, data: [UInt8])]) {
        let types = [OrderLinePlaced.eventType, OrderLineCancelled.eventType, AdjustmentMade.eventType]
        self.payloads = payloads.map { (types.firstIndex(of: $0.type) ?? 0, $0.data) }
    }

    func measure(pairs: Int) throws -> [Report] {
        let fast = JSONEventDecoder()
        let foundation = JSONDecoder()
        let ready = payloads.map { (type: $0.type, data: Data($0.data)) }
        var measured: [Pair] = []
        for _ in 0..<pairs {
            let load = Pair.systemLoad()
            let figure = try rate(payloads) { type, data in
                switch type {
                case 0: try fast.decode(OrderLinePlaced.self, from: data).quantity
                case 1: try fast.decode(OrderLineCancelled.self, from: data).quantity
                default: try fast.decode(AdjustmentMade.self, from: data).quantity
                }
            }
            let baseline = try rate(ready) { type, data in
                switch type {
                case 0: try foundation.decode(OrderLinePlaced.self, from: data).quantity
                case 1: try foundation.decode(OrderLineCancelled.self, from: data).quantity
                default: try foundation.decode(AdjustmentMade.self, from: data).quantity
                }
            }
            measured.append(Pair(figure, baseline, load: load))
        }
        return [
            Report(
                name: "decoding the shop's events", unit: "events/s", pairs: measured,
                baselineName: "Foundation's JSONDecoder", goal: .atLeast(9))
        ]
    }

    private func rate<Bytes>(
        _ payloads: [(type: Int, data: Bytes)], _ decode: (Int, Bytes) throws -> Int
    ) throws -> Double {
        let start = ContinuousClock.now
        var sum = 0
        for payload in payloads { sum += try decode(payload.type, payload.data) }
        let elapsed = ContinuousClock.now - start
        // The sum is used, so that the loop cannot be left out.
        guard sum != .min else { throw BenchmarkError("impossible sum") }
        return Double(payloads.count) / elapsed.seconds
    }
}
