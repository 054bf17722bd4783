import HindsightPostgres
import Logging

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Creates the tables of new projections, and refuses projections that differ from what their version was created with.
struct ProjectionCatalog: Sendable {
    let names: SchemaNames
    let viewSchema: String
    let log: UUID

    var store: OffsetStore { OffsetStore(names: names) }

    var projections: PostgresIdentifier { names.projections }

    /// Where the rows of a table are.
    func location(_ build: ProjectionTable) -> ViewLocation {
        ViewLocation(
            name: build.key.name, table: build.table ?? "", engineSchema: names.schema, viewSchema: viewSchema)
    }

    func key(_ definition: ProjectionDefinition, _ kind: ShardKey.Kind = .projection) -> ShardKey {
        ShardKey(kind: kind, name: definition.name, version: definition.version, partition: 0, log: log)
    }

    /// The existing tables of each projection and version, without retired ones.
    func builds(in session: inout PostgresSession) throws -> [ShardKey: ProjectionTable] {
        try builds(try session.query(buildsQuery))
    }

    /// Asks for what ``builds(_:)`` reads.
    var buildsQuery: SQL {
        """
        select kind, name, version, view_table, active, shown_at is not null from \(identifier: projections)
        where retired_at is null
        """
    }

    /// Reads the answer to ``buildsQuery``.
    func builds(_ rows: PostgresResult) throws -> [ShardKey: ProjectionTable] {
        var builds: [ShardKey: ProjectionTable] = [:]
        for row in rows {
            guard let kind = ShardKey.Kind(rawValue: try row.decode(0)) else { continue }
            let key = ShardKey(
                kind: kind, name: try row.decode(1), version: try row.decode(2, as: Int.self), partition: 0, log: log)
            builds[key] = ProjectionTable(
                key: key, table: try row.decode(3), isActive: try row.decode(4), wasShown: try row.decode(5))
        }
        return builds
    }

    /// How long the server tolerates a silent process while others wait for this lock.
    private static let silence = Duration.seconds(10)

    /// Serializes registering, showing and swapping.
    func lock(in session: inout PostgresSession) throws {
        try session.execute(
            """
            select set_config('idle_in_transaction_session_timeout', least(
                    nullif(extract(epoch from current_setting('idle_in_transaction_session_timeout')::interval) * 1000, 0),
                    \(Self.silence.seconds * 1_000))::bigint::text, true),
                pg_advisory_xact_lock(hashtextextended('hindsight.projections', 0))
            """)
    }

    /// Prepares all projections in one transaction; nodes that start at the same time wait for one another.
    ///
    /// A retired version is left alone: the process that declares it is the old one of a deployment.
    ///
    /// - Throws: ``ProjectionError``, with `setUpFailed` if a projection's own tables cannot be made.
    func register(_ definitions: [ProjectionDefinition], in session: inout PostgresSession) throws {
        try lock(in: &session)
        for definition in definitions {
            do {
                try register(definition, in: &session)
            } catch let failure as SetUpFailure {
                throw failure.error(of: definition)
            }
        }
    }

    /// - Throws: ``ProjectionError``; ``SetUpFailure``.
    func register(_ definition: ProjectionDefinition, in session: inout PostgresSession) throws {
        let stored = try session.query(
            """
            select shape, view_table, retired_at is not null from \(identifier: projections)
            where name = \(definition.name) and version = \(Int32(definition.version)) and kind = 'projection'
            """
        ).first
        if let stored {
            if try stored.decode(2, as: Bool.self) { return }
            try compare(try stored.decode(0), definition)
            try checkTable(definition, try stored.decode(1), in: &session)
        } else {
            try create(definition, in: &session)
        }
        try checkLog(definition, in: &session)
        try session.execute(store.make(key(definition)))
        try showIfFirst(definition, in: &session)
    }

    /// The rows of a version are folded from one log: another log's events would be added to them.
    private func checkLog(_ definition: ProjectionDefinition, in session: inout PostgresSession) throws {
        guard let other = try store.others(than: key(definition), in: &session).first else { return }
        throw ProjectionError(
            .otherLog,
            """
            projection "\(definition.name)" version \(definition.version) holds \(other.applied) events of log \(other.log), and this \
            is log \(log.uuidString.lowercased()), whose events would be added to them. Run it on the log that it was folded from, \
            raise its version, or reset it to have it fold this log from the beginning
            """)
    }

    func compare(_ stored: String, _ definition: ProjectionDefinition) throws {
        guard stored != definition.shape else { return }
        let before = stored.split(separator: "\n")
        let now = definition.shape.split(separator: "\n")
        let removed = before.filter { !now.contains($0) }.map { "- \($0)" }
        let added = now.filter { !before.contains($0) }.map { "+ \($0)" }
        throw ProjectionError(
            .shapeChanged,
            """
            projection "\(definition.name)" version \(definition.version) was created with another shape:
            \((removed + added).joined(separator: "\n"))
            Raise its version to \(definition.version + 1): the new version is filled from the beginning in a table of its own \
            while the old one stays readable. To keep version \(definition.version), restore the shape
            """)
    }

    /// The table in the catalog must match its declaration: someone may have altered it by hand.
    private func checkTable(
        _ definition: ProjectionDefinition, _ name: String?, in session: inout PostgresSession
    ) throws {
        guard case .view(let view) = definition.kind, let name else { return }
        let table = names.object(name)
        let found = try session.query(
            """
            select a.attname::text, format_type(a.atttypid, a.atttypmod), not a.attnotnull
            from pg_attribute a
            where a.attrelid = to_regclass(\(table.quoted)) and a.attnum > 0 and not a.attisdropped order by a.attnum
            """
        ).map {
            "\(try $0.decode(0, as: String.self)) \(try $0.decode(1, as: String.self)) \(try $0.decode(2, as: Bool.self))"
        }
        let declared = view.shape.columns.map { "\($0.name) \($0.type.name) \($0.isNullable)" }
        guard found != declared else { return }
        throw ProjectionError(
            .tableChanged,
            """
            table \(table) of projection "\(definition.name)" is not as it was made: it has (\(found.joined(separator: ", "))), \
            declared is (\(declared.joined(separator: ", "))). Undo the change, or raise the projection's version
            """)
    }

    private func create(_ definition: ProjectionDefinition, in session: inout PostgresSession) throws {
        var table: String?
        switch definition.kind {
        case .view(let view):
            let name = try freeTable(definition, in: &session)
            for statement in view.shape.creation(of: names.object(name)) { try session.execute(statement) }
            table = name
        case .sql(let tables):
            try setUp(tables, in: &session)
        }
        try insert(key(definition), definition, table: table, in: &session)
    }

    /// Notes a table of a version.
    func insert(
        _ key: ShardKey, _ definition: ProjectionDefinition, table: String?, in session: inout PostgresSession
    ) throws {
        try session.execute(
            """
            insert into \(identifier: projections) (kind, name, version, shape, view_table)
            values (\(key.kind.rawValue), \(key.name), \(Int32(key.version)), \(definition.shape), \(table))
            """)
    }

    /// An unused table name.
    func freeTable(_ definition: ProjectionDefinition, in session: inout PostgresSession) throws -> String {
        for number in 1... {
            let name = ViewLocation.tableName(definition.name, version: definition.version, number: number)
            let row = try session.query("select to_regclass(\(names.object(name).quoted)) is null")[0]
            if try row.decode(0, as: Bool.self) { return name }
        }
        preconditionFailure("all numbers are taken")
    }

    /// The first version of a name is shown at once; later ones when they have caught up.
    private func showIfFirst(_ definition: ProjectionDefinition, in session: inout PostgresSession) throws {
        guard try activeVersions(in: &session)[definition.name] == nil else { return }
        if let build = try builds(in: &session)[key(definition)] { try show(build, in: &session) }
    }

    /// Puts a version that has never been shown behind the stable name, unless a later one is shown: in a deployment
    /// old and new processes run side by side. Readers see the old rows, then the new ones, as with a rebuild.
    ///
    /// - Returns: what is in the way, and what is currently shown; `ready` if nothing is in the way.
    func showIfNewer(
        _ key: ShardKey, epoch: Int64, at position: Int64, in session: inout PostgresSession
    ) throws -> (readiness: OffsetStore.Readiness, shown: ShardKey?) {
        try lock(in: &session)
        let builds = try builds(in: &session)
        guard let build = builds[key], !build.wasShown else { return (.ready, nil) }
        let active = builds.values.first { $0.isActive && $0.key.name == key.name }
        if let active, active.key.version >= key.version { return (.ready, active.key) }
        let readiness = try store.readiness(
            of: key, epoch: epoch, at: position, insteadOf: active?.key, in: &session)
        switch readiness {
        case .ready:
            try store.checkParked(of: key, insteadOf: active?.key, in: &session)
            try show(build, in: &session)
        case .behind, .waiting, .lost: break
        }
        return (readiness, active?.key)
    }

    /// Puts a table behind the stable name.
    func show(_ build: ProjectionTable, in session: inout PostgresSession) throws {
        if build.table != nil { try StableName(location(build)).show(in: &session) }
        try session.execute(
            "update \(identifier: projections) set active = false where name = \(build.key.name) and active")
        try session.execute(
            """
            update \(identifier: projections) set active = true, shown_at = clock_timestamp()
            where kind = \(build.key.kind.rawValue) and name = \(build.key.name) and version = \(Int32(build.key.version))
            """)
    }

    /// Which version of each name is shown.
    func activeVersions(in session: inout PostgresSession) throws -> [String: Int] {
        var versions: [String: Int] = [:]
        for row in try session.query("select name, version from \(identifier: projections) where active") {
            versions[try row.decode(0)] = try row.decode(1, as: Int.self)
        }
        return versions
    }

    /// A version replaces a newer one only on request.
    func checkNotNewer(
        than definition: ProjectionDefinition, _ options: RebuildOptions, in session: inout PostgresSession
    ) throws {
        guard !options.replacesNewer, let active = try activeVersions(in: &session)[definition.name],
            active > definition.version
        else { return }
        throw ProjectionError(
            .cannotRebuild,
            """
            projection "\(definition.name)" shows version \(active), and this program declares version \(definition.version). To go \
            back to what was shown before, roll back; to put version \(definition.version) in the place of the newer one, rebuild it \
            with --replace-newer
            """)
    }

    /// Refuses to act on a version that another one has replaced, or that was never here while a newer one is shown.
    func checkNotReplaced(_ definition: ProjectionDefinition, in session: inout PostgresSession) throws {
        let isRetired = try session.query(
            """
            select retired_at is not null from \(identifier: projections)
            where kind = 'projection' and name = \(definition.name) and version = \(Int32(definition.version))
            """
        ).first?.decode(0, as: Bool.self)
        let active = try activeVersions(in: &session)[definition.name]
        switch isRetired {
        case .some(false): return
        case .some(true): throw replaced(definition, by: active, "was dropped when another one took its place")
        case nil:
            guard let active, active > definition.version else { return }
            throw replaced(definition, by: active, "is not there and never was")
        }
    }

    private func replaced(
        _ definition: ProjectionDefinition, by active: Int?, _ what: String
    ) -> ProjectionError {
        let version = definition.version
        let shown = active.map { "shows version \($0)" } ?? "shows nothing"
        let first = active.map { "Reset it with the program that declares version \($0), or " } ?? ""
        let isOlder = active.map { $0 > version } ?? false
        let second =
            switch definition.kind {
            case .sql: "raise this program's version to have it folded anew"
            case .view: "rebuild it\(isOlder ? " with --replace-newer" : "") to put version \(version) in its place"
            }
        return ProjectionError(
            .versionReplaced,
            """
            projection "\(definition.name)" \(shown), and version \(version), which this program declares, \(what): there is nothing to \
            reset, and nothing was changed. \(first)\(second)
            """)
    }

    /// A process starts: what has stopped is tried again, if it is of a build that has not stopped there, or if it stopped at no event.
    ///
    /// - Returns: the versions that stay stopped.
    func retryStopped(
        _ definitions: [ProjectionDefinition], build: String, in session: inout PostgresSession
    ) throws -> [(key: ShardKey, state: ShardState)] {
        try definitions.flatMap { [key($0), key($0, .kept)] }.compactMap { shard in
            guard let state = try store.state(shard, in: &session), state.stoppedAt != nil else { return nil }
            return try store.retry(shard, build: build, isStart: true, in: &session) ? nil : (shard, state)
        }
    }

    /// Resumes a version, together with any table kept for a rollback.
    ///
    /// - Returns: true if it had stopped.
    func clearStop(of definition: ProjectionDefinition, in session: inout PostgresSession) throws -> Bool {
        let shown = try store.resume(key(definition), in: &session)
        let kept = try store.resume(key(definition, .kept), in: &session)
        return shown || kept
    }
}
