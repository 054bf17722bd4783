/// What a document and those before it have shown about the types that were decoded from them.
struct JSONKnownTypes {
    /// 2 to this power.
    private static let placeBits = 4
    /// The most documents that are scanned without a shape before one is made again.
    private static let maximumPatience = 4_095

    /// What is known of one type.
    struct Place {
        fileprivate var type: ObjectIdentifier?
        fileprivate(set) var shape: JSONShape?
        /// Documents that had other keys, since the shape was made.
        fileprivate var misses = 0
        /// How many of them it takes to make another one. It grows, so that types that change all the time, or that
        /// share a place, do not cost more than they would without shapes.
        fileprivate var patience = 1
        /// The container of the whole document, if the type has asked for one.
        var container: JSONLentContainer?

        fileprivate func deallocate() {
            shape?.deallocate()
            container?.deallocate()
        }
    }

    private let places: UnsafeMutableBufferPointer<Place>

    init() {
        places = .allocate(capacity: 1 << Self.placeBits)
        places.initialize(repeating: Place())
    }

    func deallocate() {
        for place in places { place.deallocate() }
        places.deinitialize().deallocate()
    }

    /// What is known of a type; nil if that is nothing.
    @inline(__always)
    func known(_ type: ObjectIdentifier) -> UnsafeMutablePointer<Place>? {
        let place = place(of: type)
        return place.pointee.type == type ? place : nil
    }

    /// Learns from a scanned document that did not have the shape of its type.
    @inline(never)
    func learn(_ document: JSONDocument, of type: ObjectIdentifier) {
        let place = place(of: type)
        place.pointee.misses += 1
        guard place.pointee.misses > place.pointee.patience, let shape = JSONShape(of: document) else { return }
        let patience = min(place.pointee.patience * 2 + 1, Self.maximumPatience)
        if place.pointee.type == type {
            place.pointee.shape?.deallocate()
        } else {
            place.pointee.deallocate()
            place.pointee = Place(type: type)
        }
        place.pointee.shape = shape
        place.pointee.misses = 0
        place.pointee.patience = patience
    }

    @inline(__always)
    private func place(of type: ObjectIdentifier) -> UnsafeMutablePointer<Place> {
        let address = UInt64(UInt(bitPattern: type))
        let number = (address &* 0x9E37_79B9_7F4A_7C15) &>> UInt64(64 - Self.placeBits)
        return places.baseAddress.unsafelyUnwrapped + Int(truncatingIfNeeded: number)
    }
}
