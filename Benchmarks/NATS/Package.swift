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
    ],
    targets: [
        // Pairs and reports are those of the other benchmarks, as links.
        .executableTarget(
            name: "hindsight-nats-benchmarks",
            dependencies: [
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "HindsightJetStream", package: "hindsight"),
                .product(name: "HindsightLog", package: "hindsight"),
                .product(name: "HindsightNATS", package: "hindsight"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: [
                .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
                .treatWarning("StrictLanguageFeatures", as: .error),
            ])
    ]
)
