public import DNSWire
public import Pipeline
public import Validation

/// Lets the policies of a site's packs judge records, each in its pack's process.
public struct Policies: Sendable {
    private let packs: [PackSettings]
    private let packBuild: PackBuild

    public init(settings: Assembly.Settings, packBuild: PackBuild) {
        packs = settings.packs
        self.packBuild = packBuild
    }

    /// What the policies in `tree` find.
    ///
    /// - Parameter zones: apexes to judge; empty: all.
    /// - Throws: ``ConfiguratorError`` if a pack cannot be built, fails, or takes too long.
    public func findings(
        in tree: SiteTree, records: [RecordSet], zones: [Name], privateZones: [Name]
    ) async throws -> [Finding] {
        var findings: [Finding] = []
        for pack in packs where pack.wire == .protobuf && tree.has(pack) {
            let program = try await packBuild.program(pack, in: tree)
            let process = PackProcess(program: program.path, wire: pack.wire, limits: pack.limits)
            let request = PolicyRequest(zones: zones, privateZones: privateZones)
            findings += try await process.judge(request, records).map(Finding.init)
        }
        return findings
    }
}

extension Finding {
    fileprivate init(_ found: PolicyFinding) {
        let level: Level =
            switch found.level {
            case .advice: .advice
            case .warning: .warning
            case .error: .error
            }
        self.init(level: level, code: .site(found.policy), key: found.key, message: found.message, origin: found.origin)
    }
}
