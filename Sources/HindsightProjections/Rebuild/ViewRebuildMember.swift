/// A view that this process rebuilds: a table beside the one that is shown, filled from rows in memory.
final class ViewRebuildMember: RebuildMember, @unchecked Sendable {
    let location: ViewLocation
    let fold: any RebuildFold

    init(_ start: Start, location: ViewLocation, fold: any RebuildFold) {
        self.location = location
        self.fold = fold
        super.init(start)
    }
}
