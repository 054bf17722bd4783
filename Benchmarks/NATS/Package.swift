// swift-tools-version: 6.2

import PackageDescription

// A package of its own, so that the other benchmarks do not pay for NIO.
let package = Package(
    name: "hindsight-nats-benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "hindsight", path: "../..", traits: ["NATS"]),
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-system.git", from: "1.8.1"),
        .package(url: "https://github.com/swiftlang/swift-subprocess.git", from: "1.0.2", traits: []),
    ],
    targets: [
        // What the other benchmarks have as well, and the shop's files, are links.
        .executableTarget(
            name: "hindsight-nats-benchmarks",
            dependencies: [
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Hindsight", package: "hindsight"),
                .product(name: "HindsightCluster", package: "hindsight"),
                .product(name: "HindsightCommand", package: "hindsight"),
                .product(name: "HindsightJSON", package: "hindsight"),
                .product(name: "HindsightJetStream", package: "hindsight"),
                .product(name: "HindsightLog", package: "hindsight"),
                .product(name: "HindsightNATS", package: "hindsight"),
                .product(name: "HindsightPostgres", package: "hindsight"),
                .product(name: "HindsightValues", package: "hindsight"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: [
                .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
                .treatWarning("StrictLanguageFeatures", as: .error),
            ])
    ]
)
