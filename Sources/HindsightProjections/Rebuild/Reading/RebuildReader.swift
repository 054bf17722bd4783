import HindsightLog

/// One of the readers of a rebuild: what it needs to decode a batch and to plan it for every projection.
///
/// `@unchecked Sendable`: it belongs to the one task that reads with it.
final class RebuildReader: @unchecked Sendable {
    let executor = ReaderExecutor()
    let scan = RawEventBuffer()
    let decoders: EventDecoders
    let plans: [any RebuildPlan]

    init(registry: EventRegistry, folds: [any ReplayFold]) {
        let decoders = EventDecoders(registry: registry)
        self.decoders = decoders
        plans = folds.map { $0.makePlan(for: decoders) }
    }

    /// Decodes a batch once for all projections.
    func plan() {
        for plan in plans { plan.begin() }
        decoders.decode(scan)
    }
}
