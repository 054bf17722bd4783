/// The shapes of the types that a decoder has decoded lately.
struct JSONShapeTable {
    /// 2 to this power.
    private static let placeBits = 4
    /// The most documents that are scanned without a shape before one is made again.
    private static let maximumPatience = 4_095

    private struct Place {
        var type: ObjectIdentifier?
        var shape: JSONShape?
        /// Documents that had other keys, since the shape was made.
        var misses = 0
        /// How many of them it takes to make another one. It grows, so that types that change all the time, or that
        /// share a place, do not cost more than they would without shapes.
        var patience = 1
    }

    private let places: UnsafeMutableBufferPointer<Place>

    init() {
        places = .allocate(capacity: 1 << Self.placeBits)
        places.initialize(repeating: Place())
    }

    func deallocate() {
        for place in places { place.shape?.deallocate() }
        places.deinitialize().deallocate()
    }

    /// The shape that documents of a type had.
    @inline(__always)
    func shape(of type: ObjectIdentifier) -> JSONShape? {
        let place = places.baseAddress.unsafelyUnwrapped + Self.place(of: type)
        return place.pointee.type == type ? place.pointee.shape : nil
    }

    /// Learns from a scanned document that did not have the shape of its type.
    @inline(never)
    func learn(_ document: JSONDocument, of type: ObjectIdentifier) {
        let place = places.baseAddress.unsafelyUnwrapped + Self.place(of: type)
        place.pointee.misses += 1
        guard place.pointee.misses > place.pointee.patience, let shape = JSONShape(of: document) else { return }
        place.pointee.shape?.deallocate()
        place.pointee = Place(
            type: type, shape: shape, patience: min(place.pointee.patience * 2 + 1, Self.maximumPatience))
    }

    @inline(__always)
    private static func place(of type: ObjectIdentifier) -> Int {
        let address = UInt64(UInt(bitPattern: type))
        return Int(truncatingIfNeeded: (address &* 0x9E37_79B9_7F4A_7C15) &>> UInt64(64 - placeBits))
    }
}
