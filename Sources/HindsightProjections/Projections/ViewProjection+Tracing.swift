extension ViewProjection {
    /// The same projection, and one more beside it that notes which events concern each row, so that
    /// ``ProjectionAdministration/explain(_:key:at:limit:onProgress:onStep:)`` reads those events and not the whole log.
    ///
    /// The other projection is called like this one with `_trace` behind, has its version, and is kept up to date, rebuilt and
    /// verified like any. Its rows have the key, as a JSON array of the texts of its columns, the number of a stretch of 8,192
    /// positions of the log, and where in it the events are, two bytes each. It may be behind: what it lacks is read from the log.
    ///
    /// Where all keys are ids of streams, and the log finds streams by their ids, it is of no use. It costs as much as a
    /// view of such rows: when it is filled, about as much as the view itself if the events of a row are near one another, and two to
    /// three times as much if they are not.
    ///
    /// A projection that is traced from now on needs no new version, but its name has 42 bytes at most. Nothing notices that the notes
    /// were made by other handlers or keys, if those were changed without a new version.
    public func traced() -> ViewProjection {
        var projection = self
        projection.isTraced = true
        return projection
    }
}
