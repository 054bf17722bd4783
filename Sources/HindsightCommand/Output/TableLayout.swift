/// How a table makes do with the room that there is.
package struct TableLayout: Hashable, Sendable {
    /// How many characters a line has room for; nil for any number.
    package var width: Int?
    /// Whether columns with nothing in them are left out.
    package var omitsEmptyColumns = false
    /// Whether each column of a row has a line of its own.
    package var isVertical = false
    /// Whether it becomes vertical by itself if its lines would not fit.
    package var mayTurnVertical = false

    /// Lines as long as they are.
    package static let unlimited = TableLayout(width: nil)

    /// Creates a layout.
    package init(
        width: Int?, omitsEmptyColumns: Bool = false, isVertical: Bool = false, mayTurnVertical: Bool = false
    ) {
        self.width = width
        self.omitsEmptyColumns = omitsEmptyColumns
        self.isVertical = isVertical
        self.mayTurnVertical = mayTurnVertical
    }

    /// Which columns are shown, given each one's width and whether something is in it: where not all fit, the last ones
    /// that can be done without are left out.
    func columns(_ columns: [Table.Column], widths: [Int], isFilled: [Bool]) -> [Int] {
        var shown = columns.indices.filter { !omitsEmptyColumns || isFilled[$0] }
        guard let width else { return shown }
        while Self.total(shown, widths) > width, let last = shown.last(where: { columns[$0].isExpendable }) {
            shown.removeAll { $0 == last }
        }
        return shown
    }

    /// True if the lines would be too long.
    func turnsVertical(_ shown: [Int], widths: [Int]) -> Bool {
        isVertical || mayTurnVertical && width.map { Self.total(shown, widths) > $0 } ?? false
    }

    private static func total(_ shown: [Int], _ widths: [Int]) -> Int {
        shown.reduce(0) { $0 + widths[$1] } + 2 * max(0, shown.count - 1)
    }
}
