extension CommandError {
    /// The error of a program without a client of NATS.
    ///
    /// - Parameter what: what it cannot do, such as "the stream SHOP of nats://127.0.0.1:4222 cannot be opened".
    static func withoutNATS(_ what: String) -> CommandError {
        CommandError(
            """
            \(what): this program was built without the trait NATS. To do: build it with that trait of the package hindsight, \
            `.package(…, traits: ["NATS"])` in its manifest (or `swift build --traits NATS` in hindsight's own folder)
            """)
    }
}
