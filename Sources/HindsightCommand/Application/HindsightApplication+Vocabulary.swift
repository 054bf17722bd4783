extension HindsightApplication {
    /// The event types that the app knows.
    static var vocabulary: EventVocabulary { EventVocabulary(registry: events, projections: projections) }
}
