import Hindsight

/// Reads gzip data to its end before any of it is used: the checksum of a member stands behind its data.
final class GzipCheck {
    private let inflater: Inflater
    private let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
    private var unpacked: Int64 = 0

    /// The unpacked size in bytes of the members before the first one that is damaged or truncated.
    private(set) var soundBytes: Int64 = 0
    /// Why the data after them cannot be used; nil if there is none.
    private(set) var failure: ImportError?

    init() throws(ImportError) {
        inflater = try Inflater()
    }

    deinit { scratch.deallocate() }

    /// Continues with more of the data, if there was no failure before.
    func take(_ bytes: UnsafeMutableRawBufferPointer) {
        guard failure == nil else { return }
        var rest = bytes
        do {
            var written = 0
            repeat {
                written = try inflater.inflate(&rest, into: scratch)
                unpacked += Int64(written)
                if inflater.isAtMemberEnd { soundBytes = unpacked }
            } while !rest.isEmpty || written == scratch.count
        } catch {
            failure = error
        }
    }

    /// Notes the end of the data.
    func end() {
        guard failure == nil, !inflater.isAtMemberEnd else { return }
        failure = inflater.error("cut short")
    }
}
