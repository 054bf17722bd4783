extension JSONDocument {
    /// Whether the value is null.
    @inline(__always)
    func isNull(_ index: Int) -> Bool {
        self[index].kind == .null
    }

    /// The value as a truth value.
    func bool(at index: Int) throws -> Bool {
        switch self[index].kind {
        case .true: true
        case .false: false
        case .null, .number, .string, .array, .object: throw strictMismatch(Bool.self, at: index)
        }
    }

    /// The value as text.
    func string(at index: Int) throws -> String {
        let node = self[index]
        guard node.kind == .string else { throw mismatch(String.self, at: index) }
        guard node.features.contains(.escapes) else { return plainText(of: node) }
        do throws(JSONError) {
            return try text(of: node)
        } catch {
            throw corrupted("The string is not text.", at: index, underlyingError: error)
        }
    }

    /// The text of a string or key without escapes.
    @inline(__always)
    private func plainText(of node: JSONNode) -> String {
        let bytes = bytes(of: node)
        if bytes.count <= JSONSmallText.capacity, makesSmallTexts {
            return JSONSmallText.make(bytes, isASCII: !node.features.contains(.nonASCII))
        }
        guard JSONTextCache.lengths.contains(bytes.count) else { return JSONTextCache.make(bytes) }
        return state.pointee.texts.text(of: bytes)
    }

    /// The text of a string or key.
    ///
    /// - Throws: ``JSONError``, with an offset in the document, if an escape in it stands for no character.
    func text(of node: JSONNode) throws(JSONError) -> String {
        guard node.features.contains(.escapes) else { return plainText(of: node) }
        do throws(JSONError) {
            return try JSONText.unescape(bytes(of: node))
        } catch {
            throw JSONError(error.code, at: error.offset + Int(node.start))
        }
    }

    /// The value as a whole number, which may be written with a fraction or an exponent if it is still whole.
    @inline(__always)
    func integer<T: FixedWidthInteger>(_ type: T.Type, at index: Int) throws -> T {
        let node = self[index]
        guard node.kind == .number else { throw mismatch(type, at: index) }
        let isPlain = node.features.contains(.integer)
        guard let value = isPlain ? plainInteger(node, as: type) : wholeNumber(node, as: type) else {
            throw numberError(type, at: index)
        }
        return value
    }

    @inline(__always)
    private func plainInteger<T: FixedWidthInteger>(_ node: JSONNode, as type: T.Type) -> T? {
        if T.bitWidth < 64 || T.bitWidth == 64 && T.isSigned {
            return JSONInteger.int64(bytes(of: node)).flatMap { T(exactly: $0) }
        }
        return JSONInteger.parse(bytes(of: node), as: type)
    }

    /// A number with a fraction or an exponent as a whole number.
    @inline(never)
    private func wholeNumber<T: FixedWidthInteger>(_ node: JSONNode, as type: T.Type) -> T? {
        let bytes = bytes(of: node)
        let text = String(decoding: bytes, as: UTF8.self)
        guard let double = Double(text), let value = T(exactly: double) else { return nil }
        // From 2^53 on, whole numbers are lost in a Double.
        if double.magnitude < 0x1p53 { return value }
        guard let magnitude = JSONNumber.wholeMagnitude(bytes) else { return nil }
        guard bytes[0] == UInt8(ascii: "-") else { return T(exactly: magnitude) }
        return T.isSigned ? T(exactly: -Int128(magnitude)) : nil
    }

    /// The value as a floating-point number, which must not be too large or, other than zero itself, too near to zero.
    func double(at index: Int) throws -> Double {
        let node = self[index]
        guard node.kind == .number, let value = JSONNumber.double(bytes(of: node)) else {
            throw numberError(Double.self, at: index)
        }
        return value
    }

    /// The value as a floating-point number of 32 bits, rounded once; see ``double(at:)``.
    func float(at index: Int) throws -> Float {
        let node = self[index]
        guard node.kind == .number, let value = JSONNumber.float(bytes(of: node)) else {
            throw numberError(Float.self, at: index)
        }
        return value
    }
}
