#if NATS
    import HindsightValues

    extension Timestamp {
        /// How a header has a time: as RFC 3339, or in microseconds since 1970 if that has no words for it.
        var headerText: String {
            let text = description
            return Timestamp(text) == self ? text : "\(microsecondsSince1970)"
        }

        /// A time from a header.
        init?(header bytes: UnsafeRawBufferPointer) {
            if let time = Timestamp(utf8: bytes) {
                self = time
            } else if let number = Int64(String(decoding: bytes, as: UTF8.self)) {
                self.init(microsecondsSince1970: number)
            } else {
                return nil
            }
        }
    }
#endif
