import Synchronization

/// Standard error on a terminal: lines and, below them, a progress bar, if there is one, that is redrawn in place.
final class Console: Sendable {
    let program: String
    private let bar = Mutex("")

    init(program: String) {
        self.program = program
    }

    /// Writes a line above the bar.
    func line(_ text: String) {
        bar.withLock { bar in
            StandardError.write(bar.isEmpty ? "\(text)\n" : "\r\u{1b}[K\(text)\n\(bar)")
        }
    }

    /// Draws the bar over the previous one.
    func draw(_ text: String) {
        bar.withLock { bar in
            bar = text
            StandardError.write("\r\u{1b}[K\(text)")
        }
    }

    /// Removes the bar.
    func erase() {
        bar.withLock { bar in
            if !bar.isEmpty { StandardError.write("\r\u{1b}[K") }
            bar = ""
        }
    }
}
