import Synchronization

/// Standard error as people see it: lines, and below them, if there is one, a progress bar that is drawn over.
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

    /// Draws the bar over the one before.
    func draw(_ text: String) {
        bar.withLock { bar in
            bar = text
            StandardError.write("\r\u{1b}[K\(text)")
        }
    }

    /// Takes the bar away.
    func erase() {
        bar.withLock { bar in
            if !bar.isEmpty { StandardError.write("\r\u{1b}[K") }
            bar = ""
        }
    }
}
