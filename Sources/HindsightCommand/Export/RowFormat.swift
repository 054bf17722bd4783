import ArgumentParser

/// How a view's rows are written.
enum RowFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// CSV with a header.
    case csv
    /// An array of objects.
    case json
    /// Aligned columns, for people.
    case table

    /// The formats that can be requested; only `query` writes tables.
    static var allValueStrings: [String] { [csv.rawValue, json.rawValue] }

    init?(argument: String) {
        guard Self.allValueStrings.contains(argument) else { return nil }
        self.init(rawValue: argument)
    }
}
