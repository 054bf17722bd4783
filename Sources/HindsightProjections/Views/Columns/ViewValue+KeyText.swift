import HindsightValues

extension ViewValue {
    /// The value as text, as in ``columnText``, but the same for values that the database takes for equal.
    @usableFromInline
    var keyText: String {
        switch self {
        case let decimal as ExactDecimal: decimal.normalized.description
        case let number as Double: "\(number + 0)"
        case let number as Float: "\(number + 0)"
        case let wrapper as any RawRepresentable:
            (wrapper.rawValue as? any ViewValue)?.keyText ?? columnText ?? ""
        default: columnText ?? ""
        }
    }
}
