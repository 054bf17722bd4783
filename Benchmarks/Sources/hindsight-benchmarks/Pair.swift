import Foundation

/// A figure and its baseline, measured one after the other.
struct Pair {
    var figure: Double
    var baseline: Double
    /// How busy the machine was before: the processes that ran or wanted to, on average over a minute.
    var load: Double

    init(_ figure: Double, _ baseline: Double, load: Double) {
        self.figure = figure
        self.baseline = baseline
        self.load = load
    }

    var ratio: Double { figure / baseline }

    static func systemLoad() -> Double {
        var averages = [0.0]
        return getloadavg(&averages, 1) == 1 ? averages[0] : .nan
    }
}
