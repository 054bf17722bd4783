// swift-tools-version: 6.2

import PackageDescription

// Each example is a package of its own, to be copied and changed. This one builds all of them in one folder, so that what
// they have in common is compiled once: `swift build --package-path Examples`.
let package = Package(
    name: "hindsight-examples",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(path: "command-line-tool"),
        .package(path: "web-service"),
        .package(path: "worker"),
    ],
    targets: [
        .target(
            name: "Examples",
            dependencies: [
                .product(name: "command-line-tool", package: "command-line-tool"),
                .product(name: "web-service", package: "web-service"),
                .product(name: "worker", package: "worker"),
            ],
            path: ".", exclude: ["command-line-tool", "web-service", "worker"], sources: ["Examples.swift"])
    ]
)
