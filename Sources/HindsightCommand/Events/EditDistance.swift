/// How much two names differ.
package enum EditDistance {
    /// The number of letters that must be inserted, removed or exchanged to make one name of the other (Levenshtein),
    /// without regard to case and to what separates words.
    package static func between(_ left: String, _ right: String) -> Int {
        steps(letters(left), letters(right))
    }

    private static func letters(_ name: String) -> [Character] {
        name.lowercased().filter { !" _-.".contains($0) }
    }

    private static func steps(_ left: [Character], _ right: [Character]) -> Int {
        var row = Array(0...right.count)
        for (index, letter) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (place, other) in right.enumerated() {
                let exchanged = diagonal + (letter == other ? 0 : 1)
                diagonal = row[place + 1]
                row[place + 1] = min(exchanged, row[place] + 1, diagonal + 1)
            }
        }
        return row[right.count]
    }
}
