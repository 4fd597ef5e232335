// swift-tools-version: 6.2

import PackageDescription

// Every Swift target: language mode 6, and a dependency's type may appear in
// our public API only where an import says so.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

func product(_ name: String, _ package: String) -> Target.Dependency {
    .product(name: name, package: package)
}

let log = product("Logging", "swift-log")
let lifecycle = product("ServiceLifecycle", "swift-service-lifecycle")
let signals = product("UnixSignals", "swift-service-lifecycle")
let subprocess = product("Subprocess", "swift-subprocess")
// For the paths in swift-subprocess' interface.
let system = product("SystemPackage", "swift-system")

let package = Package(
    name: "freshet",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "freshet", targets: ["freshet"]),
        .executable(name: "site-rules", targets: ["SiteRules"]),
        .library(name: "DNSWire", targets: ["DNSWire"]),
        .library(name: "ZoneFiles", targets: ["ZoneFiles"]),
        // Static, with all it needs inside: `freshet rules build` links a site's
        // rules against this one file, without the package manager.
        .library(name: "RulesKit", type: .static, targets: ["Rules"]),
        .library(name: "RuleTesting", targets: ["RuleTesting"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.30.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0"),
    ],
    targets: [
        // MARK: Contracts
        .target(name: "DNSWire", swiftSettings: strict),
        .target(name: "ZoneFiles", dependencies: ["DNSWire"], swiftSettings: strict),
        .target(
            name: "Pipeline",
            dependencies: [
                "DNSWire", product("SwiftProtobuf", "swift-protobuf"), product("Crypto", "swift-crypto"), log,
            ],
            swiftSettings: strict),

        .target(name: "TinyDNSData", dependencies: ["Pipeline", "DNSWire"], swiftSettings: strict),

        .target(name: "Documents", dependencies: ["DNSWire", product("Yams", "Yams")], swiftSettings: strict),

        // Zones in other tools' formats, in and out.
        .target(name: "Exchange", dependencies: ["Documents", "TinyDNSData", "ZoneFiles", "Pipeline", "DNSWire"], swiftSettings: strict),

        // MARK: Judging a change: what is wrong with it, and whether it is too much at once
        .target(name: "Validation", dependencies: ["Pipeline", "DNSWire"], swiftSettings: strict),
        .target(name: "Review", dependencies: ["Validation", "Pipeline", "DNSWire"], swiftSettings: strict),

        // MARK: Stages. None imports another; they meet in Pipeline's values.
        .target(name: "Rules", dependencies: ["Documents", "Validation", "Pipeline", "DNSWire"], swiftSettings: strict),
        // For tests of a site's rules.
        .target(name: "RuleTesting", dependencies: ["Rules", "Pipeline", "DNSWire"], swiftSettings: strict),
        .target(
            name: "Configurator",
            dependencies: [
                "Documents", "Exchange", "Pipeline", "Validation", "Rules", "DNSWire", product("Yams", "Yams"), subprocess, system, log,
            ],
            swiftSettings: strict),
        .target(name: "Presenter", dependencies: ["Pipeline", "Validation", "Review", "DNSWire", log], swiftSettings: strict),
        .target(
            name: "Publisher",
            dependencies: ["Pipeline", "DNSWire", subprocess, system, log],
            swiftSettings: strict),
        .target(
            name: "LocalProxy",
            dependencies: [
                "Pipeline", "DNSWire", "DNSClient", subprocess, system, log,
            ],
            swiftSettings: strict),

        // Zones for name servers that run no proxy.
        .target(
            name: "Transfer",
            dependencies: [
                "Documents", "Pipeline", "DNSWire", "DNSCrypto", "DNSClient", product("NIOCore", "swift-nio"), product("NIOPosix", "swift-nio"), log,
            ],
            swiftSettings: strict),

        // MARK: Foreign dependencies, each isolated in a leaf and one adapter
        .systemLibrary(name: "CZooKeeper", providers: [.apt(["libzookeeper-mt-dev"])]),
        .target(name: "ZooKeeper", dependencies: ["CZooKeeper", "Pipeline", log], swiftSettings: strict),
        .target(
            name: "CTorrent",
            cxxSettings: [
                // SwiftPM drops the defines of libtorrent's pkg-config file, and
                // they change the layout of its types.
                .define("TORRENT_LINKING_SHARED"), .define("BOOST_ASIO_ENABLE_CANCELIO"),
                .define("BOOST_ASIO_NO_DEPRECATED"), .define("TORRENT_USE_OPENSSL"),
                .define("TORRENT_USE_LIBCRYPTO"), .define("TORRENT_SSL_PEERS"),
                .define("OPENSSL_NO_SSL2"), .define("BOOST_ALL_NO_LIB"),
            ],
            linkerSettings: [.linkedLibrary("torrent-rasterbar"), .linkedLibrary("ssl"), .linkedLibrary("crypto")]),
        .target(name: "Swarm", dependencies: ["CTorrent", "Pipeline", log], swiftSettings: strict),
        .target(
            name: "DNSClient",
            dependencies: [
                "DNSWire", product("NIOCore", "swift-nio"), product("NIOPosix", "swift-nio"),
                product("NIOConcurrencyHelpers", "swift-nio"),
            ],
            swiftSettings: strict),
        .target(name: "DNSCrypto", dependencies: ["DNSWire", product("Crypto", "swift-crypto")], swiftSettings: strict),
        .target(
            name: "Console",
            dependencies: [
                "Pipeline", product("Hummingbird", "hummingbird"), product("HummingbirdCore", "hummingbird"),
                product("HummingbirdTLS", "hummingbird"),
                product("NIOCore", "swift-nio"), product("NIOHTTPTypes", "swift-nio-extras"), product("NIOSSL", "swift-nio-ssl"),
                log, lifecycle,
            ],
            swiftSettings: strict),

        // MARK: Programs
        .executableTarget(
            name: "SiteRules", dependencies: ["Rules", "Validation", "Pipeline", "DNSWire"], path: "rules", exclude: ["Tests"],
            swiftSettings: strict),
        .executableTarget(
            name: "freshet",
            dependencies: [
                "DNSWire", "DNSClient", "DNSCrypto", "Documents", "Exchange", "Pipeline", "Validation", "Review", "Rules", "Configurator", "Presenter", "Publisher", "LocalProxy",
                "TinyDNSData", "Transfer", "ZooKeeper", "Swarm", "Console", product("Yams", "Yams"), log, lifecycle, signals,
                product("AsyncHTTPClient", "async-http-client"), product("NIOCore", "swift-nio"), product("NIOHTTP1", "swift-nio"),
                product("NIOSSL", "swift-nio-ssl"),
                product("ArgumentParser", "swift-argument-parser"),
            ],
            swiftSettings: strict),

        // What `Benchmarks/` runs beside its peers.
        .executableTarget(
            name: "dnswire-bench", dependencies: ["DNSWire", "ZoneFiles"], path: "Benchmarks/DNSWire", swiftSettings: strict),

        .executableTarget(
            name: "presenter-bench", dependencies: ["Presenter", "Pipeline", "DNSWire", log], path: "Benchmarks/Presenter",
            swiftSettings: strict),

        .executableTarget(
            name: "swarm-bench", dependencies: ["LocalProxy", "Swarm", "Pipeline", log], path: "Benchmarks/Swarm", swiftSettings: strict),

        // MARK: Tests
        // What tests share: servers, temporary directories, waiting with a deadline,
        // values made from a seed, and other people's programs that judge ours.
        .target(
            name: "TestSupport", dependencies: ["DNSWire", "Pipeline", subprocess, system], path: "Tests/Support",
            swiftSettings: strict),
        .testTarget(
            name: "DNSWireTests", dependencies: ["DNSWire", "DNSCrypto", "ZoneFiles", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "DNSClientTests",
            dependencies: [
                "DNSClient", "DNSWire", "DNSCrypto", "Exchange", "Pipeline", "TestSupport", product("NIOCore", "swift-nio"), product("NIOPosix", "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "PipelineTests", dependencies: ["DNSWire", "Pipeline", "TinyDNSData", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "TinyDNSDataTests", dependencies: ["TinyDNSData", "DNSWire", "Pipeline", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "ValidationTests", dependencies: ["DNSWire", "Pipeline", "Validation", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "ExchangeTests", dependencies: ["Exchange", "TinyDNSData", "DNSWire", "Pipeline", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "DocumentsTests", dependencies: ["Documents", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "RulesTests", dependencies: ["DNSWire", "Pipeline", "Validation", "Rules", "RuleTesting", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "SiteRulesTests", dependencies: ["SiteRules", "Rules", "RuleTesting", "Validation", "Pipeline", "DNSWire"],
            path: "rules/Tests", swiftSettings: strict),
        .testTarget(
            name: "PresenterTests", dependencies: ["DNSWire", "Pipeline", "Validation", "Review", "Presenter", "ZooKeeper", "TestSupport", log],
            swiftSettings: strict),
        .testTarget(
            name: "ReviewTests", dependencies: ["DNSWire", "Pipeline", "Validation", "Review", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "ConfiguratorTests",
            dependencies: ["Documents", "DNSWire", "Pipeline", "Validation", "Configurator", "TestSupport", log],
            swiftSettings: strict),
        // A process for the store tests to kill.
        .executableTarget(
            name: "store-probe", dependencies: ["Pipeline", "ZooKeeper"], path: "Tests/StoreProbe",
            swiftSettings: strict),
        .testTarget(
            name: "StoreTests",
            dependencies: ["Pipeline", "ZooKeeper", "CZooKeeper", "TestSupport", "store-probe", log],
            swiftSettings: strict),
        .testTarget(name: "PublisherTests", dependencies: ["Publisher", "Pipeline", "DNSWire", "TestSupport", log], swiftSettings: strict),
        .testTarget(name: "LocalProxyTests", dependencies: ["LocalProxy", "Pipeline", "DNSWire", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "ConsoleTests", dependencies: ["Console", "Pipeline", "TestSupport", log], swiftSettings: strict),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "freshet", "Pipeline", "DNSWire", "DNSClient", "Swarm", "ZooKeeper", "TestSupport", subprocess, system, log,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "TransferTests", dependencies: ["Transfer", "Documents", "Pipeline", "DNSWire", "DNSCrypto", "DNSClient", "TestSupport", log],
            swiftSettings: strict),
        .testTarget(name: "SwarmTests", dependencies: ["Swarm", "Pipeline", log], swiftSettings: strict),
    ],
    cxxLanguageStandard: .cxx17
)
