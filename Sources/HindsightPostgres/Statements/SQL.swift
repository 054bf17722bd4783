/// A statement with its parameters.
///
/// Interpolating a value binds it as a parameter; it never becomes part of the text:
///
/// ```swift
/// let rows = try session.query("select name from customer where id = \(id) and country = any(\(countries))")
/// ```
///
/// Parts that cannot be parameters are labelled: `\(identifier:)` for names, `\(sql:)` for another piece of SQL with
/// its parameters, `\(literal:)` for quoted strings in statements that take no parameters, and `\(unsafeSQL:)` for text
/// as it is.
public struct SQL: Sendable {
    /// The text, with `$1`, `$2` … where parameters go.
    public private(set) var text: String
    /// The object id of each parameter's type.
    private(set) var parameterTypes: [UInt32] = []
    /// Where each parameter starts in ``parameters``.
    private var parameterOffsets: [Int] = []
    /// Where each placeholder's `$` stands in the UTF-8 text.
    private var placeholderOffsets: [Int] = []
    /// The parameters, each with its length before it.
    private var parameters = PostgresBuffer()
    /// The first parameter that could not be encoded, thrown when the statement is run.
    private var failure: PostgresError?

    /// A statement from text as it is. Never put data from outside into it.
    public init(unsafeSQL text: String) {
        self.text = text
    }

    /// How many parameters the statement has.
    public var parameterCount: Int { parameterTypes.count }

    /// Appends another piece with its parameters.
    public mutating func append(_ other: SQL) {
        failure = failure ?? other.failure
        guard parameterCount > 0, other.parameterCount > 0 else {
            let shift = text.utf8.count
            text += other.text
            if other.parameterCount > 0 {
                placeholderOffsets = other.placeholderOffsets.map { $0 + shift }
                (parameterTypes, parameterOffsets) = (other.parameterTypes, other.parameterOffsets)
                parameters = other.parameters
            }
            return
        }
        var rest = other.text.utf8[...]
        var consumed = 0
        for (index, offset) in other.placeholderOffsets.enumerated() {
            let dollar = rest.index(rest.startIndex, offsetBy: offset - consumed)
            text += String(Substring(rest[..<dollar]))
            let after = rest[rest.index(after: dollar)...].drop { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            consumed = offset + rest.distance(from: dollar, to: after.startIndex)
            rest = after
            appendPlaceholder(type: other.parameterTypes[index])
        }
        text += String(Substring(rest))
        let shift = parameters.count
        parameterOffsets += other.parameterOffsets.map { $0 + shift }
        other.parameters.withUnsafeBytes { parameters.append($0) }
    }

    /// Appends text as it is.
    mutating func append(text other: String) {
        text += other
    }

    /// Binds a value as the next parameter.
    mutating func bind<T: PostgresEncodable>(_ value: T) {
        let offset = parameters.count
        do {
            try value.encodeField(into: &parameters)
        } catch let error as PostgresError {
            failure = failure ?? error
        } catch {
            failure = failure ?? PostgresError(.encoding, "a parameter cannot be encoded", underlying: error)
        }
        parameterOffsets.append(offset)
        appendPlaceholder(type: T.postgresType.rawValue)
    }

    private mutating func appendPlaceholder(type: UInt32) {
        placeholderOffsets.append(text.utf8.count)
        parameterTypes.append(type)
        text += "$\(parameterTypes.count)"
    }

    /// Calls `body` with the parameters in libpq's form: values, lengths in bytes and formats (all binary).
    ///
    /// - Throws: the error of a parameter that could not be encoded; what `body` throws.
    func withParameters<R>(_ body: (ParameterPointers) throws -> R) throws -> R {
        if let failure {
            throw failure
        }
        let count = parameterCount
        guard count > 0 else {
            return try body(ParameterPointers(count: 0, values: nil, lengths: nil, formats: nil))
        }
        return try parameters.withUnsafeBytes { bytes in
            try withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: count) { values in
                try withUnsafeTemporaryAllocation(of: Int32.self, capacity: 2 * count) { numbers in
                    for (index, offset) in parameterOffsets.enumerated() {
                        let length = bytes.bigEndian(Int32.self, at: offset)
                        // Even an empty value needs a pointer: a null pointer means null.
                        let start = bytes.baseAddress?.advanced(by: offset + 4)
                        values[index] = length < 0 ? nil : start?.assumingMemoryBound(to: CChar.self)
                        numbers[index] = max(length, 0)
                        numbers[count + index] = 1
                    }
                    return try body(
                        ParameterPointers(
                            count: Int32(count), values: UnsafePointer(values.baseAddress),
                            lengths: UnsafePointer(numbers.baseAddress),
                            formats: UnsafePointer(numbers.baseAddress?.advanced(by: count))))
                }
            }
        }
    }
}
