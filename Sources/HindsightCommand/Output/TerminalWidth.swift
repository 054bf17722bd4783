#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Widths in columns of a terminal.
package enum TerminalWidth {
    /// The width if a terminal does not say it.
    static let usual = 80

    /// The width of the terminal behind a descriptor at this moment; nil if there is none, or it does not say it.
    static func columns(of descriptor: Int32) -> Int? {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    /// The width of a text without control characters.
    package static func columns(of text: String) -> Int {
        text.unicodeScalars.reduce(0) { $0 + columns(of: $1) }
    }

    /// As much of a text as fits.
    package static func cut(_ text: String, to columns: Int) -> String {
        var left = columns
        var fitting = ""
        for character in text {
            left -= self.columns(of: String(character))
            guard left >= 0 else { break }
            fitting.append(character)
        }
        return fitting
    }

    /// Wide are the scripts and symbols that terminals show in two columns (Unicode Standard Annex 11), in blocks.
    private static func columns(of scalar: Unicode.Scalar) -> Int {
        switch scalar.value {
        case 0x20...0x7e: return 1
        case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f,
            0xff00...0xff60, 0xffe0...0xffe6, 0x1f300...0x1f64f, 0x1f680...0x1f6ff, 0x1f900...0x1faff,
            0x20000...0x3fffd:
            return 2
        default: break
        }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control: return 0
        default: return 1
        }
    }
}
