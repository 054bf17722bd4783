// swift-tools-version: 6.2

import PackageDescription

let package = Package(
    name: "web-service",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "web-service", targets: ["web-service"])],
    dependencies: [
        // In a package of your own: the URL of the repository, and a version.
        .package(name: "hindsight", path: "../.."),
        // Without its traits: nothing is built that is not used here.
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1", traits: []),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
    ],
    targets: [
        .executableTarget(
            name: "web-service",
            dependencies: [
                .product(name: "Hindsight", package: "hindsight"),
                .product(name: "HindsightCluster", package: "hindsight"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            path: "Sources")
    ]
)
