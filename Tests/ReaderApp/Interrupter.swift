#if NATS
    import Foundation
    import HindsightTestSupport
    import Synchronization

    /// Sends this process a signal at the moment that its task names.
    final class Interrupter: Sendable {
        private let interruption: ReaderTask.Interruption?
        private let messages = Atomic<Int>(0)

        init(_ interruption: ReaderTask.Interruption?) {
            self.interruption = interruption
        }

        /// Nothing behind this is done if the signal is SIGKILL.
        func reached(_ moment: ReaderTask.Moment) {
            if moment == .beforeHandling { messages.add(1, ordering: .relaxed) }
            guard let interruption, interruption.moment == moment,
                interruption.message == messages.load(ordering: .relaxed)
            else { return }
            kill(getpid(), interruption.signal)
        }
    }
#endif
