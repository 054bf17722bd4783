import Foundation
import HindsightTestSupport
import Testing

@testable import HindsightJSON

@Suite("Identifiers as text", .timeLimit(.minutes(1)))
struct UUIDTextTests {
    private func read(_ text: some Collection<UInt8>) -> UUID? {
        Array(text).withUnsafeBytes { UUID(utf8: $0) }
    }

    @Test("10,000 identifiers are what Foundation reads, in small and in capital letters")
    func random() throws {
        for _ in 0..<10_000 {
            let id = UUID()
            for text in [id.uuidString, id.uuidString.lowercased()] { try #require(read(text.utf8) == id) }
        }
    }

    @Test("At each place only what belongs there is taken, of all bytes")
    func everyByte() throws {
        let id = Array("01234567-89AB-cdef-fedc-BA9876543210".utf8)
        let digits = Set("0123456789abcdefABCDEF".utf8)
        for place in id.indices {
            for byte in UInt8.min...UInt8.max {
                var text = id
                text[place] = byte
                let isRight = id[place] == UInt8(ascii: "-") ? byte == id[place] : digits.contains(byte)
                let expected = isRight ? UUID(uuidString: String(decoding: text, as: UTF8.self)) : nil
                try #require(isRight == (expected != nil))
                try #require(read(text) == expected, "\(byte) at \(place)")
            }
        }
    }

    @Test("A text of another length is none", arguments: [0, 1, 32, 35, 37, 72])
    func length(count: Int) {
        #expect(read(repeatElement(UInt8(ascii: "0"), count: count)) == nil)
    }
}
