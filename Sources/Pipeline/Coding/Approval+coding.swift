internal import Foundation
internal import SwiftProtobuf

extension Approval {
    /// All approvals that wait, as one value of the store.
    public static func encode(_ approvals: [Approval]) -> [UInt8] {
        Pipeline.encode(
            Freshet_V1_Approvals.with {
                $0.approvals = approvals.map { approval in
                    .with {
                        $0.plan = .init(approval.plan.bytes)
                        $0.person = approval.person
                        $0.reason = approval.reason
                        $0.atMs = approval.at.milliseconds
                    }
                }
            })
    }

    public static func decode(_ octets: [UInt8]) throws(DecodingFault) -> [Approval] {
        var approvals: [Approval] = []
        for proto in try Pipeline.decode(Freshet_V1_Approvals.self, octets).approvals {
            guard let plan = Digest(bytes: Array(proto.plan)) else { throw DecodingFault("an approval without a plan's digest") }
            approvals.append(
                Approval(plan: plan, person: proto.person, reason: proto.reason, at: Instant(milliseconds: proto.atMs)))
        }
        return approvals
    }
}

extension Held {
    public var encoded: [UInt8] {
        Pipeline.encode(
            Freshet_V1_Held.with {
                $0.plan = .init(plan.bytes)
                $0.cause = cause
                $0.sinceMs = since.milliseconds
                $0.summary = summary
                $0.reasons = reasons
            })
    }

    public init(decoding octets: [UInt8]) throws(DecodingFault) {
        let proto = try Pipeline.decode(Freshet_V1_Held.self, octets)
        guard let plan = Digest(bytes: Array(proto.plan)) else { throw DecodingFault("a held plan without a digest") }
        self.init(
            plan: plan, cause: proto.cause, since: Instant(milliseconds: proto.sinceMs), summary: proto.summary,
            reasons: proto.reasons)
    }
}
