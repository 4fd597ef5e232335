internal import Foundation
internal import SwiftProtobuf

extension EmergencyEdit {
    /// All emergency edits, as one value of the store.
    public static func encode(_ edits: [EmergencyEdit]) -> [UInt8] {
        Pipeline.encode(
            Freshet_V1_EmergencyEdits.with {
                $0.edits = edits.map { edit in
                    .with {
                        $0.body = .init(edit.body)
                        $0.key = edit.key
                        $0.signature = .init(edit.signature)
                    }
                }
            })
    }

    /// Reads them; whether to believe them is for ``fault(people:pipeline:at:)``.
    public static func decode(_ octets: [UInt8]) throws(DecodingFault) -> [EmergencyEdit] {
        var edits: [EmergencyEdit] = []
        for proto in try Pipeline.decode(Freshet_V1_EmergencyEdits.self, octets).edits {
            edits.append(try EmergencyEdit(body: Array(proto.body), key: proto.key, signature: Array(proto.signature)))
        }
        return edits
    }

    static func body(_ edit: Edit, at: Instant, pipeline: String) -> [UInt8] {
        Pipeline.encode(
            Freshet_V1_EmergencyBody.with {
                $0.pipeline = pipeline
                $0.atMs = at.milliseconds
                $0.edit = edit.proto
            })
    }

    init(body: [UInt8], key: String, signature: [UInt8]) throws(DecodingFault) {
        let proto = try Pipeline.decode(Freshet_V1_EmergencyBody.self, body)
        var edit = try Edit(proto.edit)
        edit.origin = Origin(source: Origin.emergency, person: key, reason: edit.origin.reason)
        self.init(
            edit: edit, at: Instant(milliseconds: proto.atMs), pipeline: proto.pipeline, body: body, key: key, signature: signature)
    }
}
