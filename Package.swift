// swift-tools-version: 6.2

import CompilerPluginSupport
import PackageDescription

let package = Package(
    name: "hindsight",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Hindsight", targets: ["Hindsight"]),
        .library(name: "HindsightCommand", targets: ["HindsightCommand"]),
        .library(name: "HindsightCluster", targets: ["HindsightCluster"]),
        .library(name: "HindsightEventCentre", targets: ["HindsightEventCentre"]),
        .library(name: "HindsightJSON", targets: ["HindsightJSON"]),
        .library(name: "HindsightJetStream", targets: ["HindsightJetStream"]),
        .library(name: "HindsightLog", targets: ["HindsightLog"]),
        .library(name: "HindsightNATS", targets: ["HindsightNATS"]),
        .library(name: "HindsightPostgres", targets: ["HindsightPostgres"]),
        .library(name: "HindsightPostgresLog", targets: ["HindsightPostgresLog"]),
        .library(name: "HindsightProjections", targets: ["HindsightProjections"]),
        .library(name: "HindsightTesting", targets: ["HindsightTesting"]),
        .library(name: "HindsightValues", targets: ["HindsightValues"]),
        .executable(name: "shop", targets: ["shop"]),
    ],
    traits: [
        .trait(
            name: "Macros",
            description: "`@View` and `@Event`, which declare rows and events. They are built with swift-syntax."),
        .trait(
            name: "NATS",
            description: "A client of NATS and JetStream. It is built with SwiftNIO and its TLS."),
        .trait(
            name: "Tracing",
            description:
                "Spans of appends and batches, and their traces in the metadata of events, by swift-distributed-tracing."
        ),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        // Fetched and built for the trait `Tracing` only.
        .package(url: "https://github.com/apple/swift-distributed-tracing.git", from: "1.7.3"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics.git", from: "2.13.0"),
        // Fetched and built for the trait `NATS` only, both of them.
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-system.git", from: "1.8.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
        // Without its Foundation trait: the core's users pay for no more than they use.
        .package(url: "https://github.com/swiftlang/swift-subprocess.git", from: "1.0.2", traits: []),
        // Fetched and built for the trait `Macros` only. Any version from the oldest that the macros are written for will do.
        .package(url: "https://github.com/swiftlang/swift-syntax.git", "600.0.0"..<"604.0.0"),
    ],
    targets: [
        // Leaves: exact values, JSON bytes, SQL text, the C library.
        .target(name: "HindsightValues"),
        .target(name: "HindsightJSON", dependencies: ["HindsightValues"]),
        .target(
            name: "HindsightSchema",
            path: "schema",
            resources: [
                .embedInCode("0001_event_log.sql"),
                .embedInCode("0002_append.sql"),
                .embedInCode("0003_offsets.sql"),
                .embedInCode("0004_projections.sql"),
                .embedInCode("0005_roles.sql"),
                .embedInCode("0006_fill_schema.sql"),
                .embedInCode("0007_frontier_lock.sql"),
                .embedInCode("0008_offset_store.sql"),
                .embedInCode("0009_append.sql"),
                .embedInCode("0010_roles.sql"),
                .embedInCode("0011_lease_rights.sql"),
                .embedInCode("0012_append.sql"),
                .embedInCode("0013_unchecked_events.sql"),
                .embedInCode("0014_parking.sql"),
                .embedInCode("0015_counted_events.sql"),
                .embedInCode("0016_fresh_reads.sql"),
                .embedInCode("0017_nodes.sql"),
                .embedInCode("0018_rights.sql"),
                .embedInCode("0019_inlined_functions.sql"),
                .embedInCode("0020_subscription_filters.sql"),
                .embedInCode("0021_receipts.sql"),
                .embedInCode("0022_append.sql"),
                .embedInCode("0023_abandoned_commands.sql"),
                .embedInCode("0024_moved_logs.sql"),
                .embedInCode("0025_event_ids.sql"),
                .embedInCode("0026_notes_prolong.sql"),
                .embedInCode("0027_append_limits.sql"),
                .embedInCode("0028_append_known.sql"),
                .embedInCode("0029_receipt_ages.sql"),
            ]),
        .systemLibrary(
            name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"]), .brew(["libpq"])]),
        // What libpq is linked with itself.
        .systemLibrary(
            name: "CLibCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]),
        // Lets a process end while threads of it are within OpenSSL.
        .target(
            name: "CKeepOpenSSL", linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
        .systemLibrary(
            name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),

        .target(
            name: "HindsightPostgres",
            dependencies: [
                "CKeepOpenSSL", "CLibPQ", "HindsightValues",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),

        // Brings the schemas of the log and of the engine up to date.
        .target(
            name: "HindsightMigrations",
            dependencies: [
                "HindsightPostgres", "HindsightSchema",
                .product(name: "Logging", package: "swift-log"),
            ]),
        // The contract of a log: events, offsets, subscriptions as values. No database.
        .target(name: "HindsightLog", dependencies: ["HindsightJSON", "HindsightValues"]),
        // The spans of appends, batches, handlers and requests; without its trait it only calls what they surround.
        .target(
            name: "HindsightTracing",
            dependencies: [
                "HindsightJSON", "HindsightLog",
                .product(
                    name: "Tracing", package: "swift-distributed-tracing", condition: .when(traits: ["Tracing"])),
            ]),
        // One log: PostgreSQL's.
        .target(
            name: "HindsightPostgresLog",
            dependencies: [
                "HindsightLog", "HindsightMigrations", "HindsightPostgres", "HindsightSchema", "HindsightTracing",
                "HindsightValues",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        // Projections, views, offsets, the engine, rebuilds. It names no concrete log.
        .target(
            name: "HindsightProjections",
            dependencies: [
                "HindsightJSON", "HindsightLog", "HindsightMigrations", "HindsightPostgres", "HindsightSchema",
                "HindsightTracing", "HindsightValues",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        // The contract of a log as cases that run against any, and a log in memory. It imports no test library.
        .target(
            name: "HindsightTesting",
            dependencies: [
                "HindsightLog", "HindsightValues",
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        // What an app needs, in one import.
        .target(
            name: "Hindsight",
            dependencies: [
                "HindsightJSON", "HindsightLog", "HindsightMigrations", "HindsightPostgres", "HindsightPostgresLog",
                "HindsightProjections", "HindsightSchema", "HindsightValues",
                .target(name: "HindsightMacros", condition: .when(traits: ["Macros"])),
            ]),
        // `@View` and `@Event`: their declarations, which `Hindsight` exports, and what the compiler runs for them.
        .target(
            name: "HindsightMacros",
            dependencies: [
                "HindsightLog", "HindsightProjections",
                .target(name: "HindsightMacroPlugin", condition: .when(traits: ["Macros"])),
            ]),
        .macro(
            name: "HindsightMacroPlugin",
            dependencies: [
                "SwiftCompilerPlugin", "SwiftDiagnostics", "SwiftParser", "SwiftSyntax", "SwiftSyntaxBuilder",
                "SwiftSyntaxMacros",
            ].map { .product(name: $0, package: "swift-syntax", condition: .when(traits: ["Macros"])) }),
        // A client of NATS and JetStream, which knows nothing of events or projections. Without its trait it is empty.
        .target(
            name: "HindsightNATS",
            dependencies: [
                "CKeepOpenSSL", "CLibCrypto",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
                + ["NIOCore", "NIOPosix"].map {
                    .product(name: $0, package: "swift-nio", condition: .when(traits: ["NATS"]))
                }
                + [.product(name: "NIOSSL", package: "swift-nio-ssl", condition: .when(traits: ["NATS"]))]),
        // Another log: one stream of a JetStream cluster. Without the trait `NATS` it is empty.
        .target(
            name: "HindsightJetStream",
            dependencies: [
                "HindsightJSON", "HindsightLog", "HindsightNATS", "HindsightPostgres", "HindsightTracing",
                "HindsightValues",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        // Commands and queries over request-reply, and tasks. Without the trait `NATS` it is what an app says of its commands.
        .target(
            name: "HindsightEventCentre",
            dependencies: [
                "CLibCrypto", "HindsightJSON", "HindsightLog", "HindsightNATS", "HindsightPostgres",
                "HindsightProjections", "HindsightTracing", "HindsightValues",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        .target(
            name: "HindsightCluster",
            dependencies: [
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
        .target(
            name: "HindsightCommand",
            dependencies: [
                "CLibCrypto", "CZlib", "Hindsight", "HindsightCluster", "HindsightEventCentre", "HindsightJSON",
                "HindsightNATS", "HindsightPostgres", "HindsightProjections", "HindsightValues",
                .target(name: "HindsightJetStream", condition: .when(traits: ["NATS"])),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]),

        // The sample application: what a user's own package looks like.
        .executableTarget(
            name: "shop",
            dependencies: [
                "Hindsight", "HindsightCommand", "HindsightEventCentre", "HindsightJSON", "HindsightPostgres",
                "HindsightValues",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "projections"),

        // Tests, one target for each target of the library, and the server that they share.
        .target(
            name: "HindsightTestSupport",
            dependencies: [
                "CLibCrypto", "HindsightCluster",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Tests/HindsightTestSupport"),
        // An app for tests to run as a process: one of its folds traps.
        .executableTarget(
            name: "trap-app", dependencies: ["Hindsight", "HindsightCommand"], path: "Tests/TrapApp"),
        // Another one: an environment variable says which release of it this is.
        .executableTarget(
            name: "versions-app", dependencies: ["Hindsight", "HindsightCommand"], path: "Tests/VersionsApp"),
        // Reads a log on JetStream as a process, which is interrupted and killed. Without the trait `NATS` it only says so.
        .executableTarget(
            name: "reader-app",
            dependencies: [
                "Hindsight", "HindsightJetStream", "HindsightNATS", "HindsightPostgres", "HindsightTestSupport",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio", condition: .when(traits: ["NATS"])),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            path: "Tests/ReaderApp"),
        // Three nodes as processes under load and faults: `scripts/test --faults`.
        .executableTarget(
            name: "fault-suite",
            dependencies: [
                "FaultSuiteCore",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Tests/FaultSuite"),
        .target(
            name: "FaultSuiteCore",
            dependencies: [
                "Hindsight", "HindsightPostgres", "HindsightProjections", "HindsightTestSupport", "HindsightValues",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            path: "Tests/FaultSuiteCore",
            exclude: ["Disk/full_disk.c"]),
        // What is decided in values, without a database: schedules by chance, on a virtual clock.
        .testTarget(
            name: "HindsightDecisionTests",
            dependencies: ["HindsightLog", "HindsightProjections", "HindsightTestSupport", "HindsightValues"]),
        .testTarget(
            name: "HindsightFaultTests",
            dependencies: [
                "FaultSuiteCore", "HindsightTestSupport", "fault-suite",
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
        .testTarget(name: "HindsightValuesTests", dependencies: ["HindsightTestSupport", "HindsightValues"]),
        .testTarget(
            name: "HindsightJSONTests", dependencies: ["HindsightJSON", "HindsightTestSupport", "HindsightValues"]),
        .testTarget(
            name: "HindsightPostgresTests",
            dependencies: [
                "HindsightPostgres", "HindsightTestSupport", "HindsightValues",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "ServiceLifecycleTestKit", package: "swift-service-lifecycle"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ]),
        .testTarget(
            name: "HindsightTests",
            dependencies: [
                "Hindsight", "HindsightLog", "HindsightMigrations", "HindsightPostgres", "HindsightPostgresLog",
                "HindsightProjections", "HindsightSchema", "HindsightTestSupport", "HindsightTesting",
                "HindsightTracing", "HindsightValues",
                .product(
                    name: "InMemoryTracing", package: "swift-distributed-tracing",
                    condition: .when(traits: ["Tracing"])),
                .product(
                    name: "Tracing", package: "swift-distributed-tracing", condition: .when(traits: ["Tracing"])),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "MetricsTestKit", package: "swift-metrics"),
                .product(name: "ServiceLifecycleTestKit", package: "swift-service-lifecycle"),
            ],
            exclude: ["Migrations/Fixtures"]),
        .testTarget(
            name: "HindsightTestingTests",
            dependencies: [
                "HindsightLog", "HindsightTesting", "HindsightValues",
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "ServiceLifecycleTestKit", package: "swift-service-lifecycle"),
            ]),
        // Rows of another module, as tests of the macros see them. Without the trait these are empty.
        .target(name: "MacroRows", dependencies: ["Hindsight"], path: "Tests/MacroRows"),
        .testTarget(
            name: "HindsightMacrosTests",
            dependencies: [
                "Hindsight", "HindsightPostgres", "HindsightProjections", "HindsightTestSupport", "HindsightValues",
                "MacroRows",
                .target(name: "HindsightMacroPlugin", condition: .when(traits: ["Macros"])),
                .product(name: "Logging", package: "swift-log"),
            ]
                + [
                    "SwiftSyntax", "SwiftSyntaxBuilder", "SwiftSyntaxMacroExpansion",
                    "SwiftSyntaxMacrosGenericTestSupport",
                ].map { .product(name: $0, package: "swift-syntax", condition: .when(traits: ["Macros"])) }),
        .testTarget(
            name: "HindsightJetStreamTests",
            dependencies: [
                "Hindsight", "HindsightJetStream", "HindsightLog", "HindsightNATS", "HindsightPostgres",
                "HindsightTestSupport", "HindsightTesting", "HindsightValues", "reader-app",
                .product(
                    name: "InMemoryTracing", package: "swift-distributed-tracing",
                    condition: .when(traits: ["Tracing"])),
                .product(
                    name: "Tracing", package: "swift-distributed-tracing", condition: .when(traits: ["Tracing"])),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
        .testTarget(
            name: "HindsightEventCentreTests",
            dependencies: [
                "Hindsight", "HindsightEventCentre", "HindsightJetStream", "HindsightLog", "HindsightNATS",
                "HindsightPostgres", "HindsightPostgresLog", "HindsightProjections", "HindsightTestSupport",
                "HindsightTesting",
                "HindsightValues",
                .product(
                    name: "InMemoryTracing", package: "swift-distributed-tracing",
                    condition: .when(traits: ["Tracing"])),
                .product(
                    name: "Tracing", package: "swift-distributed-tracing", condition: .when(traits: ["Tracing"])),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "MetricsTestKit", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "ServiceLifecycleTestKit", package: "swift-service-lifecycle"),
            ]),
        .testTarget(
            name: "HindsightNATSTests",
            dependencies: [
                "HindsightNATS", "HindsightTestSupport",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "ServiceLifecycleTestKit", package: "swift-service-lifecycle"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
                + ["NIOCore", "NIOEmbedded", "NIOPosix"].map {
                    .product(name: $0, package: "swift-nio", condition: .when(traits: ["NATS"]))
                }
                + [.product(name: "NIOSSL", package: "swift-nio-ssl", condition: .when(traits: ["NATS"]))]),
        .testTarget(
            name: "HindsightClusterTests",
            dependencies: [
                "HindsightCluster", "HindsightTestSupport",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
        .testTarget(
            name: "HindsightCommandTests",
            dependencies: [
                "Hindsight", "HindsightCommand", "HindsightEventCentre", "HindsightJetStream", "HindsightNATS",
                "HindsightPostgres", "HindsightTestSupport", "HindsightValues", "shop", "trap-app", "versions-app",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
    ]
)

for target in package.targets where target.type != .system {
    target.swiftSettings = [
        // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0335-existential-any.md
        .enableUpcomingFeature("ExistentialAny"),
        // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0444-member-import-visibility.md
        .enableUpcomingFeature("MemberImportVisibility"),
        // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0409-access-level-on-imports.md
        .enableUpcomingFeature("InternalImportsByDefault"),
        // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0461-async-function-isolation.md
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        // A misspelt feature would be off in silence.
        .treatWarning("StrictLanguageFeatures", as: .error),
    ]
}
