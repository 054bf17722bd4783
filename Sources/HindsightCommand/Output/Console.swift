import Synchronization

/// Standard error on a terminal: lines and, below them, a progress bar, if there is one, that is redrawn in place.
///
/// The bar is fitted to the width that the terminal has at each drawing: a bar that wrapped could not be redrawn.
package final class Console: Sendable {
    /// A bar for a terminal, given how many columns there are for it.
    package typealias Bar = @Sendable (Int) -> String

    let program: String
    private let columns: @Sendable () -> Int?
    private let write: @Sendable (String) -> Void
    private let bar = Mutex<Bar?>(nil)

    /// - Parameters:
    ///   - columns: the width of the terminal at this moment, if it says it.
    ///   - write: writes to standard error.
    package init(
        program: String,
        columns: @escaping @Sendable () -> Int? = { StandardError.columns },
        write: @escaping @Sendable (String) -> Void = { StandardError.write($0) }
    ) {
        self.program = program
        self.columns = columns
        self.write = write
    }

    /// Writes a line above the bar.
    package func line(_ text: String) {
        bar.withLock { bar in
            write(bar.map { "\(Self.erasure)\(text)\n\(fitted($0))" } ?? "\(text)\n")
        }
    }

    /// Draws the bar over the previous one.
    package func draw(_ new: @escaping Bar) {
        bar.withLock { bar in
            bar = new
            write("\(Self.erasure)\(fitted(new))")
        }
    }

    /// Removes the bar.
    package func erase() {
        bar.withLock { bar in
            if bar != nil { write(Self.erasure) }
            bar = nil
        }
    }

    /// Goes to the beginning of the line and erases it.
    private static let erasure = "\r\u{1b}[K"

    private func fitted(_ bar: Bar) -> String {
        // Some terminals go to the next line as soon as the last column is used.
        let room = max(0, (columns() ?? TerminalWidth.usual) - 1)
        return TerminalWidth.cut(bar(room), to: room)
    }
}
