extension JSONDocument {
    // None of these is inlined, so that the hot path contains only a call rather than the code that makes an error.

    /// The error that a value is not of a type: `valueNotFound` for null, as Foundation has it, else `typeMismatch`.
    @inline(never)
    func mismatch(_ type: any Any.Type, at index: Int) -> DecodingError {
        guard !isNull(index) else {
            return .valueNotFound(
                type, context("Cannot get value of type \(type) -- found null value instead", at: index))
        }
        return strictMismatch(type, at: index)
    }

    /// The error that a value is not of a type, even for null.
    @inline(never)
    func strictMismatch(_ type: any Any.Type, at index: Int) -> DecodingError {
        let found =
            switch self[index].kind {
            case .object: "a dictionary"
            case .array: "an array"
            case .string: "a string"
            case .number: "number"
            case .true, .false: "bool"
            case .null: "null"
            }
        return .typeMismatch(type, context("Expected to decode \(type) but found \(found) instead.", at: index))
    }

    /// The error that a value cannot be read as a number of a type.
    @inline(never)
    func numberError(_ type: any Any.Type, at index: Int) -> DecodingError {
        guard self[index].kind == .number else { return mismatch(type, at: index) }
        return corrupted("The number does not fit into \(type).", at: index)
    }

    /// The error that a container cannot be made of a value.
    @inline(never)
    func containerError(_ type: any Any.Type, _ name: String, at index: Int) -> DecodingError {
        guard isNull(index) else { return strictMismatch(type, at: index) }
        return .valueNotFound(
            type, context("Cannot get \(name) decoding container -- found null value instead", at: index))
    }

    /// The error that a value is of the right type but cannot be used.
    @inline(never)
    func corrupted(_ description: String, at index: Int, underlyingError: (any Error)? = nil) -> DecodingError {
        .dataCorrupted(context(description, at: index, underlyingError: underlyingError))
    }

    private func context(
        _ description: String, at index: Int, underlyingError: (any Error)? = nil
    ) -> DecodingError.Context {
        DecodingError.Context(
            codingPath: codingPath(to: index), debugDescription: description, underlyingError: underlyingError)
    }
}
