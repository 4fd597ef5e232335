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
        var writer = ProtobufWriter()
        writer.field(1, pipeline)
        writer.field(2, UInt64(bitPattern: at.milliseconds))
        edit.write(3, to: &writer)
        return writer.octets
    }

    init(body: [UInt8], key: String, signature: [UInt8]) throws(DecodingFault) {
        var reader = ProtobufReader(body)
        var pipeline = ""
        var at = Instant(milliseconds: 0)
        var edit: Edit?
        while let (number, value) = try reader.next() {
            switch (number, value) {
            case (1, .octets(let octets)): pipeline = try octets.text()
            case (2, .varint(let number)): at.milliseconds = Int64(bitPattern: number)
            case (3, .octets(let octets)): edit = try Edit(octets)
            default: break
            }
        }
        guard var edit else { throw DecodingFault("an emergency edit without its edit") }
        edit.origin = Origin(source: Origin.emergency, person: key, reason: edit.origin.reason)
        self.init(edit: edit, at: at, pipeline: pipeline, body: body, key: key, signature: signature)
    }
}
