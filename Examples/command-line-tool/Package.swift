// swift-tools-version: 6.2

import PackageDescription

let package = Package(
    name: "command-line-tool",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "command-line-tool", targets: ["command-line-tool"])],
    dependencies: [
        // In a package of your own: the URL of the repository, and a version.
        .package(name: "hindsight", path: "../.."),
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
    ],
    targets: [
        .executableTarget(
            name: "command-line-tool",
            dependencies: [
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Hindsight", package: "hindsight"),
                .product(name: "HindsightCommand", package: "hindsight"),
            ],
            path: "Sources")
    ]
)
