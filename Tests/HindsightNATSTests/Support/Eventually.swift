#if NATS
    import HindsightNATS
    import Testing

    /// Waits until a condition holds that somebody else brings about: looks again and again, for so long at most.
    func eventually(
        _ what: Comment, within limit: Duration = .seconds(30), sourceLocation: SourceLocation = #_sourceLocation,
        _ condition: () async throws -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + limit
        while try await !condition() {
            try #require(ContinuousClock.now < deadline, what, sourceLocation: sourceLocation)
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    /// The code of the error that `body` throws.
    func code(
        sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
    ) async throws -> NATSError.Code {
        do {
            try await body()
        } catch let error as NATSError {
            return error.code
        }
        return try #require(nil, "no error was thrown", sourceLocation: sourceLocation)
    }
#endif
