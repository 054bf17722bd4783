/// Rows in aligned columns, for people.
///
/// The widths come from the first rows, so that a table of any length can be written in constant memory. How the lines
/// fit the terminal is up to its ``TableLayout``.
package struct Table: Sendable {
    /// How a column is aligned.
    package enum Alignment: Hashable, Sendable {
        /// Text.
        case left
        /// Numbers.
        case right
    }

    /// A column's heading and alignment.
    package struct Column: Hashable, Sendable {
        package var name: String
        package var alignment: Alignment
        /// Whether the column is left out where there is no room for it.
        package var isExpendable: Bool

        /// Creates a column.
        package init(name: String, alignment: Alignment = .left, isExpendable: Bool = false) {
            self.name = name
            self.alignment = alignment
            self.isExpendable = isExpendable
        }
    }

    private let columns: [Column]
    private let layout: TableLayout
    private let sampleSize: Int
    private let write: @Sendable (String) throws -> Void
    private var widths: [Int]
    private var sample: [[String]] = []
    private var isAligned = false
    /// The columns that are written.
    private var shown: [Int] = []
    private var isVertical = false
    private var rowCount = 0

    /// Creates a table.
    ///
    /// - Parameters:
    ///   - layout: how it fits. Defaults to lines as long as they are.
    ///   - sampleSize: how many rows are held back to find the widths.
    ///   - write: receives the lines.
    package init(
        _ columns: [Column], layout: TableLayout = .unlimited, sampleSize: Int = 1_000,
        write: @escaping @Sendable (String) throws -> Void
    ) {
        self.columns = columns
        self.layout = layout
        self.sampleSize = sampleSize
        self.write = write
        widths = columns.map { TerminalWidth.columns(of: $0.name) }
    }

    /// Writes a row, or holds it back for the widths.
    package mutating func append(_ cells: [String]) throws {
        let cells = cells.map(Self.onOneLine)
        guard !isAligned else { return try writeRow(cells) }
        sample.append(cells)
        if sample.count == sampleSize { try align() }
    }

    /// Writes the remaining rows.
    package mutating func finish() throws {
        if !isAligned { try align() }
    }

    private mutating func align() throws {
        for cells in sample {
            for (index, cell) in cells.enumerated() {
                widths[index] = max(widths[index], TerminalWidth.columns(of: cell))
            }
        }
        isAligned = true
        let isFilled = columns.indices.map { index in sample.contains { !$0[index].isEmpty } }
        shown = layout.columns(columns, widths: widths, isFilled: isFilled)
        isVertical = layout.turnsVertical(shown, widths: widths)
        if !isVertical {
            try write(line(columns.map(\.name)))
            try write(line(widths.map { String(repeating: "-", count: $0) }))
        }
        for cells in sample { try writeRow(cells) }
        sample = []
    }

    private mutating func writeRow(_ cells: [String]) throws {
        defer { rowCount += 1 }
        guard isVertical else { return try write(line(cells)) }
        if rowCount > 0 { try write("") }
        let width = shown.map { TerminalWidth.columns(of: columns[$0].name) }.max() ?? 0
        for index in shown {
            let name = columns[index].name
            let padding = String(repeating: " ", count: width - TerminalWidth.columns(of: name))
            try write(cells[index].isEmpty ? name : "\(name)\(padding)  \(cells[index])")
        }
    }

    private func line(_ cells: [String]) -> String {
        var line = ""
        for (number, index) in shown.enumerated() {
            let cell = cells[index]
            let padding = String(repeating: " ", count: max(0, widths[index] - TerminalWidth.columns(of: cell)))
            if number > 0 { line += "  " }
            switch columns[index].alignment {
            case .right: line += padding + cell
            case .left: line += cell + padding
            }
        }
        while line.utf8.last == UInt8(ascii: " ") { line.removeLast() }
        return line
    }

    /// Control characters would break the lines, or the terminal.
    static func onOneLine(_ cell: String) -> String {
        guard cell.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return cell }
        var text = ""
        for scalar in cell.unicodeScalars {
            text.unicodeScalars.append(scalar.properties.generalCategory == .control ? " " : scalar)
        }
        return text
    }

    /// A number with its digits in groups of three.
    static func grouped(_ number: Int64) -> String {
        let digits = Array(String(number.magnitude))
        var text = number < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return text
    }
}
