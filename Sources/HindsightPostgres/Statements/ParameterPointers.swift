/// A statement's parameters as libpq takes them. Valid only inside the call that hands them out.
struct ParameterPointers {
    let count: Int32
    let values: UnsafePointer<UnsafePointer<CChar>?>?
    let lengths: UnsafePointer<Int32>?
    let formats: UnsafePointer<Int32>?
}
