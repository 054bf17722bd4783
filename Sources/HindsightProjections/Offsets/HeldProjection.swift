import HindsightLog

/// The rows that are shown, held still for a moment: their lease was taken from the engine that works on them.
struct HeldProjection: Hashable, Sendable {
    let build: ProjectionTable
    /// Where they stand.
    let offset: Offset
    let epoch: Int64
}
