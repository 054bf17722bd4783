/// What a view's projection has declared: which events it handles and how, and what happens to those that fail.
struct ViewFolding<Row: ViewRow>: Sendable {
    let handlers: [ViewProjection<Row>.Handler]
    let loop: FoldLoop<Row>
    let parking: ParkingPolicy<Row>
    /// True if all keys are ids of streams, and nothing else can be.
    let isKeyedByStream: Bool
}
