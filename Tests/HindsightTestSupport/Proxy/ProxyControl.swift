import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What a proxy and its thread share.
final class ProxyControl: Sendable {
    struct State {
        var policy: CutPolicy
        var generator: SeededGenerator
        var cuts: [CutKind: Int] = [:]
        var connectionCount = 0
        var openCount = 0
        var isCuttingAll = false
        /// Whether new connections are closed at once.
        var isRefusing = false
        /// Whether nothing passes, and nothing is closed.
        var isSilent = false
        var isStopping = false
    }

    let state: Mutex<State>
    /// What the thread polls beside its sockets.
    let wakeDescriptor: Int32
    private let wakeEnd: Int32

    init(_ policy: CutPolicy, seed: UInt64) throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw ProxySocket.Failure("pipe") }
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        (wakeDescriptor, wakeEnd) = (ends[0], ends[1])
        state = Mutex(State(policy: policy, generator: SeededGenerator(seed: seed)))
    }

    deinit {
        close(wakeDescriptor)
        close(wakeEnd)
    }

    /// Changes the state and has the thread look at it.
    func change(_ body: (inout State) -> Void) {
        state.withLock { body(&$0) }
        var byte: UInt8 = 1
        // A full pipe wakes as well as a written one.
        _ = write(wakeEnd, &byte, 1)
    }

    func drain() {
        var bytes: [UInt8] = Array(repeating: 0, count: 64)
        while read(wakeDescriptor, &bytes, bytes.count) > 0 {}
    }

    /// Whether there may be one more of the cuts that the policy plans.
    var isArmed: Bool {
        state.withLock { state in state.cuts.values.reduce(0, +) < state.policy.limit && !state.policy.kinds.isEmpty }
    }
}
