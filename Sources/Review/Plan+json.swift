internal import DNSWire
internal import Pipeline
internal import Validation

/// A plan for programs: `schemas/plan.schema.json`.
public struct PlanDocument: Encodable, Sendable {
    struct Record: Encodable {
        var zone: String?
        var kind, owner, type: String
        var location: String?
        var ttlBefore, ttlAfter: UInt32?
        var before, after: [String]?
        var cause: String
    }

    struct MapLine: Encodable {
        var prefix: String
        var before, after: String?
    }

    struct Move: Encodable {
        var from, to: String?
        var addresses: Int
        var demand: Double
    }

    struct Problem: Encodable {
        var level, code, owner, type, message, origin: String
        var waiver: String?
    }

    struct Reason: Encodable {
        var kind: String
        var zone: String?
        var message: String
    }

    struct Zone: Encodable {
        var zone: String?
        var existing, added, changed, removed: Int
    }

    let digest, summary: String
    let add, change, remove: Int
    let isValid: Bool
    let needsAcknowledgement: Bool
    let inputs: [String]
    let zones: [Zone]
    let records: [Record]
    let map: [MapLine]
    let moves: [Move]
    let conflicts: [String]
    let findings: [Problem]
    let reasons: [Reason]
}

extension Plan {
    /// All of it, nothing left out.
    public var document: PlanDocument {
        func name(_ zone: Name?) -> String? { zone.map { "\($0)" } }
        func count(_ changes: [RecordDiff.Change], _ kind: RecordDiff.Change.Kind) -> Int { changes.count { $0.kind == kind } }
        return PlanDocument(
            digest: "\(digest)", summary: summary, add: self.count(.add), change: self.count(.change), remove: self.count(.remove),
            isValid: !isInvalid, needsAcknowledgement: !breaches.isEmpty, inputs: inputs,
            zones: zones.map {
                PlanDocument.Zone(
                    zone: name($0.zone), existing: $0.existing, added: count($0.changes, .add), changed: count($0.changes, .change),
                    removed: count($0.changes, .remove))
            },
            records: zones.flatMap { zone in
                zone.changes.map { change in
                    let type = change.key.type
                    return PlanDocument.Record(
                        zone: name(zone.zone), kind: change.kind.rawValue, owner: "\(change.key.owner)", type: "\(type)",
                        location: change.key.location.map { "\($0)" }, ttlBefore: change.before?.ttl, ttlAfter: change.after?.ttl,
                        before: change.before?.rdata.map { $0.text(type: type) },
                        after: change.after?.rdata.map { $0.text(type: type) }, cause: Self.cause(change))
                }
            },
            map: diff.map.map { line in
                PlanDocument.MapLine(
                    prefix: (line.after ?? line.before)?.prefixText ?? "", before: line.before.map { "\($0.location)" },
                    after: line.after.map { "\($0.location)" })
            },
            moves: (moves?.moves ?? []).map {
                PlanDocument.Move(
                    from: $0.from.map { "\($0)" }, to: $0.to.map { "\($0)" }, addresses: $0.addresses, demand: $0.demand)
            },
            conflicts: diff.newConflicts.map(\.line),
            findings: findings.map { finding in
                PlanDocument.Problem(
                    level: finding.level.rawValue, code: "\(finding.code)", owner: "\(finding.key.owner)", type: "\(finding.key.type)",
                    message: finding.message, origin: "\(finding.origin)", waiver: finding.waiver?.reason)
            },
            reasons: breaches.map { PlanDocument.Reason(kind: $0.kind.rawValue, zone: name($0.zone), message: $0.message) })
    }
}
