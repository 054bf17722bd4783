#if NATS
    import Dispatch

    /// Runs work that takes seconds of computing on a thread of its own, one after the other, so that the tests that wait for
    /// clients and servers get their turns.
    func offThePool<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            computing.async { continuation.resume(returning: work()) }
        }
    }

    private let computing = DispatchQueue(label: "hindsight.tests.computing", qos: .utility)
#endif
