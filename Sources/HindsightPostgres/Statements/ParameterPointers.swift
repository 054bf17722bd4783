/// A statement's parameters in libpq's form. Valid only inside the call that provides them.
struct ParameterPointers {
    let count: Int32
    let values: UnsafePointer<UnsafePointer<CChar>?>?
    let lengths: UnsafePointer<Int32>?
    let formats: UnsafePointer<Int32>?
}
