extension Double {
    /// This many seconds in their largest unit: "0.4 s", "12 s", "5 min", "3 h", "2 d".
    package var ageText: String {
        switch self {
        case ..<10: "\((Swift.max(0, self) * 10).rounded() / 10) s"
        case ..<120: "\(Int(self)) s"
        case ..<7_200: "\(Int(self / 60)) min"
        case ..<172_800: "\(Int(self / 3_600)) h"
        case ..<1e12: "\(Int(self / 86_400)) d"
        default: "ages"
        }
    }
}
