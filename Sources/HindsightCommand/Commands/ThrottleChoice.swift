import ArgumentParser
import Hindsight

/// The values of `--throttle`.
struct ThrottleChoice: ExpressibleByArgument {
    let throttle: RebuildOptions.Throttle

    init?(argument: String) {
        if argument == "auto" {
            throttle = .automatic
        } else if let rate = Double(argument), rate > 0, rate.isFinite {
            throttle = .eventsPerSecond(rate)
        } else {
            return nil
        }
    }
}
