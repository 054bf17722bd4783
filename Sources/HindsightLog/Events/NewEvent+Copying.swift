extension NewEvent {
    /// An event as another log has it, with its id and times.
    package init(copying event: RecordedEvent) {
        self.init(
            type: event.type, schemaVersion: event.schemaVersion, data: event.data, id: event.id,
            occurredAt: event.occurredAt, recordedAt: event.recordedAt, correlationID: event.correlationID,
            causationID: event.causationID, metadata: event.metadata)
    }
}
