import ArgumentParser
import Hindsight

/// What a shell offers for the names of an app's projections, views and columns. It is what the app declares: no
/// database is opened for it.
enum NameCompletion<App: HindsightApplication> {
    /// The names of all projections.
    static var projections: CompletionKind { .custom { _, _, _ in names(App.projections.definitions) } }

    /// The names of those that have a view.
    static var views: CompletionKind { .custom { _, _, _ in names(App.projections.definitions.filter(\.isView)) } }

    /// `COLUMN=` for the columns of the view that the command line names.
    static var equalities: CompletionKind { .custom { words, _, _ in columns(words).map { "\($0)=" } } }

    /// `COLUMN` and `COLUMN:desc`, likewise.
    static var orders: CompletionKind { .custom { words, _, _ in columns(words).flatMap { [$0, "\($0):desc"] } } }

    private static func names(_ definitions: [ProjectionDefinition]) -> [String] {
        definitions.reduce(into: []) { names, projection in
            if !names.contains(projection.name) { names.append(projection.name) }
        }
    }

    private static func shape(_ definition: ProjectionDefinition) -> ViewShape? {
        switch definition.kind {
        case .view(let view): view.shape
        case .sql: nil
        }
    }

    private static func columns(_ words: [String]) -> [String] {
        let named = App.projections.definitions.filter { words.contains($0.name) }
        let newest = named.max { $0.version < $1.version }
        return newest.flatMap(shape)?.columns.map(\.name) ?? []
    }
}
