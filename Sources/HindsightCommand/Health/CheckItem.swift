import Hindsight

/// A projection or a subscription, as the line of `check` tells of it.
struct CheckItem {
    let grade: ProjectionHealth.Grade
    let sentence: String
    let remedy: String?
    /// True if it is well only since somebody has paused it.
    let isPaused: Bool

    init(_ health: ProjectionHealth, app: String) {
        let isPaused = if case .paused = health.diagnosis.cause { health.grade == .ok } else { false }
        self.init(
            health.grade, health.stalledSeconds, health.diagnosis.sentence, health.diagnosis.remedy(app: app),
            isPaused: isPaused)
    }

    init(_ health: SubscriptionHealth, app: String) {
        self.init(health.grade, health.stalledSeconds, health.sentence, health.remedy(app: app), isPaused: false)
    }

    private init(
        _ grade: ProjectionHealth.Grade, _ stalledSeconds: Double, _ sentence: String, _ remedy: String?, isPaused: Bool
    ) {
        self.grade = grade
        self.remedy = remedy
        self.isPaused = isPaused
        let plain = sentence.hasSuffix(".") ? String(sentence.dropLast()) : sentence
        self.sentence =
            grade > .ok && stalledSeconds > 0 ? "\(plain) (no progress for \(stalledSeconds.ageText))" : plain
    }
}
