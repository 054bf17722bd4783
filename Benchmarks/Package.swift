// swift-tools-version: 6.2

import PackageDescription

// A package of its own, so that a user's build never pays for it.
let package = Package(
    name: "hindsight-benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "hindsight", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-system.git", from: "1.8.1"),
        .package(url: "https://github.com/swiftlang/swift-subprocess.git", from: "1.0.2", traits: []),
    ],
    targets: [
        // The shop's own files stand in Shop/ as links: folds and events are measured in the module that declares them.
        .executableTarget(
            name: "hindsight-benchmarks",
            dependencies: [
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Hindsight", package: "hindsight"),
                .product(name: "HindsightCluster", package: "hindsight"),
                .product(name: "HindsightCommand", package: "hindsight"),
                .product(name: "HindsightJSON", package: "hindsight"),
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
