/// What a node is told on its command line.
package struct NodeArguments: Sendable {
    package var name: String
    package var build: Build
    /// How to reach the server: by way of a proxy.
    package var conninfo: String
    /// The folder of ``Moments``.
    package var moments: String

    package init(name: String, build: Build, conninfo: String, moments: String) {
        self.name = name
        self.build = build
        self.conninfo = conninfo
        self.moments = moments
    }

    /// The subcommand of the executable, and its arguments.
    var list: [String] { ["node", name, build.rawValue, conninfo, moments] }
}
