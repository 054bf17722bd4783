/// The PostgreSQL server that all tests of one process share, started when the first test asks for it.
///
/// Each test makes a database of its own in it. A test that stops its server uses ``PrivateTestCluster`` instead.
package actor TestCluster {
    /// The server of this process. It and its folder are gone when the process has ended.
    package static let shared = TestCluster()

    private var starting: Task<PrivateTestCluster, any Error>?

    /// Makes an empty database with a name of its own; returns its libpq conninfo string.
    ///
    /// The server allows 400 connections and 20 prepared transactions; fsync is on.
    package func makeDatabase() async throws -> String { try await cluster().makeDatabase() }

    /// The shared server itself.
    package func cluster() async throws -> PrivateTestCluster {
        // A task of its own: the time limit of the test that asks first must not end the start that the others await.
        let task = starting ?? Task { try await PrivateTestCluster.start() }
        starting = task
        return try await task.value
    }
}
