extension ViewProjection {
    /// The same projection, and one more beside it that notes which events concern each row, so that
    /// ``ProjectionAdministration/explain(_:key:at:limit:onProgress:onStep:)`` reads those events and not the whole log.
    ///
    /// The other projection is called like this one with `_trace` behind, has its version, and is kept up to date, rebuilt and
    /// verified like any. Its view has the positions of the events, in stretches of 1,024 positions of the log: `key`, as a JSON
    /// array of the texts of the key's columns, `stretch` and `positions`. It may be behind: what it lacks is read from the log.
    ///
    /// Where all keys are ids of streams, and the log finds streams by their ids, it is of no use. It costs about as much as a
    /// view of such rows.
    ///
    /// A projection that is traced from now on needs no new version.
    public func traced() -> ViewProjection {
        var projection = self
        projection.isTraced = true
        return projection
    }
}
