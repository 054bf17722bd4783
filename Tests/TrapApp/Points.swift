import Hindsight

/// An event whose shape has changed: what was a score is points.
struct Points: Event {
    static let schemaVersion = 2

    var points: Int
}

/// The shape before.
struct PointsV1: Event {
    static let eventType = "Points"

    var score: Int?
}

extension EventRegistry {
    mutating func registerPoints() {
        upcast(from: PointsV1.self, to: Points.self) { Points(points: $0.score ?? 0) }
    }
}
