/// All orders of several operations' steps, one after the other: a walk, depth first, through the choices of which operation
/// goes on next, among those that do not wait.
struct OrderSearch: Sendable {
    private var path: [(choice: Int, count: Int)] = []
    private var depth = 0
    private(set) var count = 0

    /// Which of those that can go on does so. An order begins as the one before, up to where it differs.
    mutating func choose(of available: Int) -> Int {
        defer { depth += 1 }
        guard depth < path.count else {
            path.append((0, available))
            return 0
        }
        // A victim of a deadlock may be another one this time.
        path[depth].count = available
        path[depth].choice = min(path[depth].choice, available - 1)
        return path[depth].choice
    }

    /// Goes to the next order; false if there is none.
    mutating func next() -> Bool {
        count += 1
        path.removeLast(path.count - min(depth, path.count))
        depth = 0
        while let last = path.last {
            if last.choice + 1 < last.count {
                path[path.count - 1].choice += 1
                return true
            }
            path.removeLast()
        }
        return false
    }
}
