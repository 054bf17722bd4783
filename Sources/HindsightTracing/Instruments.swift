#if Tracing
    import Tracing

    /// Whether the program traces.
    enum Instruments {
        /// False if the program has bootstrapped no instrument: then nothing is to be done for one.
        static var areThere: Bool { !(InstrumentationSystem.instrument is NoOpInstrument) }
    }
#endif
