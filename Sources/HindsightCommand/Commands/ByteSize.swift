import ArgumentParser

/// A number of bytes in human notation.
struct ByteSize: ExpressibleByArgument, Hashable {
    let bytes: Int

    init?(argument: String) {
        let digits = argument.prefix { $0.isASCII && $0.isNumber || $0 == "." }
        let unit = argument.dropFirst(digits.count).drop { $0 == " " }
        let factors: [String: Double] = [
            "": 1, "B": 1, "kB": 1e3, "KB": 1e3, "MB": 1e6, "GB": 1e9, "KiB": 1024, "MiB": 1_048_576,
            "GiB": 1_073_741_824,
        ]
        guard let number = Double(digits), let factor = factors[String(unit)], number * factor < 1e18 else {
            return nil
        }
        bytes = Int(number * factor)
    }
}
