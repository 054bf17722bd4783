// swift-tools-version: 6.2

import PackageDescription

let package = Package(
    name: "worker",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "worker", targets: ["worker"])],
    dependencies: [
        // In a package of your own: the URL of the repository, and a version.
        .package(name: "hindsight", path: "../.."),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
    ],
    targets: [
        .executableTarget(
            name: "worker",
            dependencies: [
                .product(name: "Hindsight", package: "hindsight"),
                .product(name: "HindsightCluster", package: "hindsight"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            path: "Sources")
    ]
)
