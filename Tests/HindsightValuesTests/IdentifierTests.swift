import HindsightValues
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite(.timeLimit(.minutes(5)))
struct IdentifierTests {
    @Test func carriesTimeVersionAndVariant() throws {
        let text = try UUID.version7(at: #require(Timestamp("2022-02-22T19:22:22Z"))).uuidString
        // The time of the example in RFC 9562, appendix A.6.
        #expect(text.hasPrefix("017F22E2-79B0-7"))
        #expect("89AB".contains(text.dropFirst(19).prefix(1)))
    }

    @Test func sortsInTheOrderOfMaking() {
        let identifiers = (0..<20_000).map { _ in UUID.version7() }
        #expect(identifiers == identifiers.sorted())
        #expect(Set(identifiers).count == identifiers.count)
    }

    @Test func differsWithinOneInstant() {
        let instant = Timestamp(microsecondsSince1970: 1_291_191_960_000_123)
        let identifiers = (0..<10_000).map { _ in UUID.version7(at: instant) }
        #expect(Set(identifiers).count == identifiers.count)
    }

    @Test func acceptsTimesBefore1970() {
        let text = UUID.version7(at: Timestamp(microsecondsSince1970: -5)).uuidString
        #expect(text.hasPrefix("00000000-0000-7000-"))
    }

    @Test func differsAcrossTasks() async {
        let identifiers = await withTaskGroup(of: [UUID].self) { group in
            for _ in 0..<4 {
                group.addTask { (0..<5_000).map { _ in UUID.version7() } }
            }
            return await group.reduce(into: Set<UUID>()) { $0.formUnion($1) }
        }
        #expect(identifiers.count == 20_000)
    }
}
