import Hindsight
import HindsightProjections
import Testing

/// Values are lent to folds by their bits, which not every type allows.
@Suite("Values that can be lent", .timeLimit(.minutes(1)))
struct BorrowingTests {
    private final class Object {}

    private struct WithWeakReference {
        weak var object: Object?
    }

    private struct WithNestedWeakReference {
        var number = 1
        var inner: [String: Int] = [:]
        var weak = WithWeakReference()
    }

    private struct WithUnownedReference {
        unowned let object: Object
    }

    @Test("Plain values, strings, arrays, strong references and existentials can")
    func takable() {
        #expect(isBitwiseTakable(Int.self))
        #expect(isBitwiseTakable(String.self))
        #expect(isBitwiseTakable([String: [Int]].self))
        #expect(isBitwiseTakable(Object.self))
        #expect(isBitwiseTakable((any Hashable)?.self))
        #expect(isBitwiseTakable(RecordedEvent.self))
        #expect(isBitwiseTakable(Account.self))
        #expect(isBitwiseTakable(WithUnownedReference.self))
    }

    @Test("A weak reference cannot, nor what holds one, at any depth")
    func notTakable() {
        #expect(!isBitwiseTakable(WithWeakReference.self))
        #expect(!isBitwiseTakable(WithNestedWeakReference.self))
        #expect(!isBitwiseTakable(WithNestedWeakReference?.self))
        // An array holds its elements elsewhere.
        #expect(isBitwiseTakable([WithWeakReference].self))
    }
}
