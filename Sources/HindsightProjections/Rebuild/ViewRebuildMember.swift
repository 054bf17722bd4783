/// A view that this process rebuilds: a table beside the one that is shown, filled from rows in memory.
final class ViewRebuildMember: RebuildMember, @unchecked Sendable {
    let view: FoldedView
    let location: ViewLocation
    let fold: any RebuildFold

    init(_ start: Start, view: FoldedView, location: ViewLocation, fold: any RebuildFold) {
        self.view = view
        self.location = location
        self.fold = fold
        super.init(start)
    }
}
