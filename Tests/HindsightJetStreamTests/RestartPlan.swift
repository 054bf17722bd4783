#if NATS
    import HindsightTestSupport

    #if canImport(Glibc)
        import Glibc
    #elseif canImport(Musl)
        import Musl
    #else
        import Darwin
    #endif

    /// How a reader ends again and again, drawn from a seed: a hundred times in order, a hundred times killed, at any moment.
    struct RestartPlan {
        /// One life of a reader.
        struct Life {
            var way: ReaderTask.Way
            var signal: Int32
            /// Whether SIGTERM makes it stop or drain.
            var stops: Bool
            /// Nil if it ends at some time, whatever it does then.
            var moment: ReaderTask.Moment?
            /// At which message its moment comes, if there are so many.
            var message: Int
            /// After how long it ends if it has no moment.
            var delay: Duration
        }

        let seed: UInt64
        let lives: [Life]

        init(seed: UInt64, ways: [ReaderTask.Way]) {
            self.seed = seed
            var generator = SeededGenerator(seed: seed)
            let signals = Array(repeating: SIGTERM, count: 100) + Array(repeating: SIGKILL, count: 100)
            lives = signals.shuffled(using: &generator).map { signal in
                let way = ways[Int.random(in: 0..<ways.count, using: &generator)]
                let moment = way.moments[Int.random(in: 0..<way.moments.count, using: &generator)]
                let hasMoment = Int.random(in: 0..<4, using: &generator) > 0
                return Life(
                    way: way, signal: signal, stops: Bool.random(using: &generator), moment: hasMoment ? moment : nil,
                    message: Int.random(in: 1...8, using: &generator),
                    delay: .milliseconds(Int.random(in: 0...100, using: &generator)))
            }
        }
    }
#endif
