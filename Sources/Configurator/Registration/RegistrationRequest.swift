internal import DNSWire
internal import Documents
internal import Pipeline

/// A batch of registrations as its JSON says, all of it or nothing.
struct RegistrationRequest {
    /// RRsets in one batch.
    static let limit = 1000
    /// Values of one RRset.
    static let valueLimit = 100

    var edits: [Edit] = []

    /// What is wrong with it, and how the server answers that.
    enum Refusal: Error {
        case malformed([String])
        case forbidden([String])
    }

    private struct Rows: Decodable {
        var registrations: [Row]
    }

    private struct Row: Decodable {
        var name, type: String
        var values: [String]?
        var ttl: UInt32?
        var mode: String?
        var lease: String?
        var reason: String?
        var location: String?
    }

    /// - Parameter removes: whether it takes registrations back: then each names an RRset alone.
    init(_ body: [UInt8], removes: Bool, by identity: Identities.Identity, at instant: Instant) throws(Refusal) {
        let rows: [Row]
        do throws(DocumentFaults) {
            rows = try DocumentDecoder.decode(Rows.self, from: try JSONReader.read(body)).registrations
        } catch {
            throw .malformed(error.texts(file: "body"))
        }
        guard (1...Self.limit).contains(rows.count) else { throw .malformed(["1 to \(Self.limit) registrations in a batch"]) }
        var faults: [String] = [], refusals: [String] = []
        var seen: Set<RecordKey> = []
        for (index, row) in rows.enumerated() {
            do throws(RowFault) {
                let edit = try Self.edit(row, removes: removes, identity, instant)
                if let refusal = identity.refusal(of: edit.key) { refusals.append("registrations[\(index)]: \(refusal)") }
                if !seen.insert(edit.key).inserted { throw RowFault("\(edit.key) is in the batch twice") }
                edits.append(edit)
            } catch {
                faults += error.messages.map { "registrations[\(index)]: \($0)" }
            }
        }
        guard faults.isEmpty else { throw .malformed(faults) }
        guard refusals.isEmpty else { throw .forbidden(refusals) }
    }

    private struct RowFault: Error {
        var messages: [String]
        init(_ message: String) { messages = [message] }
        init(_ messages: [String]) { self.messages = messages }
    }

    private static func edit(
        _ row: Row, removes: Bool, _ identity: Identities.Identity, _ instant: Instant
    ) throws(RowFault) -> Edit {
        guard let type = RRType(row.type) else { throw RowFault("unknown type '\(row.type)'") }
        let name: Name
        do { name = try Name(row.name) } catch { throw RowFault("name: \(error)") }
        let location = row.location.map { Location($0) }
        if case .some(.none) = location { throw RowFault("location '\(row.location!)' is not one or two characters") }
        let key = RecordKey(owner: name, type: type, location: location ?? nil)
        let origin = Origin(source: Origin.registrations, person: identity.name, reason: row.reason ?? "")
        if removes { return Edit(action: .remove, key: key, origin: origin) }

        var faults: [String] = []
        var rdata: [RData] = []
        for value in row.values ?? [] {
            do { rdata.append(try RData(value, type: type)) } catch { faults.append("value: \(error)") }
        }
        if !(1...valueLimit).contains(row.values?.count ?? 0) { faults.append("1 to \(valueLimit) values") }
        let ttl = row.ttl ?? 300
        if ttl > 0x7FFF_FFFF { faults.append("ttl is 0 to 2147483647 seconds") }
        if !["set", "add", nil].contains(row.mode) { faults.append("mode is 'set' or 'add'") }
        if (row.reason?.utf8.count ?? 0) > 1000 { faults.append("a reason has at most 1000 octets") }
        var expires: Instant?
        switch row.lease {
        case "permanent":
            if !identity.isPermanent { faults.append("\(identity.name) may not register without a lease") }
        case let text?:
            if let time = Leases.milliseconds(text), time <= identity.longestLease {
                expires = instant.advanced(byMilliseconds: time)
            } else {
                faults.append("lease '\(text)' is not a time such as 90s, 10m or 2h, of at most \(identity.longestLease / 1000)s")
            }
        case nil:
            if !identity.isPermanent { expires = instant.advanced(byMilliseconds: min(3_600_000, identity.longestLease)) }
        }
        guard faults.isEmpty else { throw RowFault(faults) }
        let edit = Edit(
            action: row.mode == "add" ? .add : .set, key: key, ttl: ttl, rdata: rdata, origin: origin, expires: expires)
        let record = RecordSet(key: key, ttl: ttl, rdata: rdata, origin: origin)
        let lint = RecordLint.messages(on: record)
        guard lint.isEmpty else { throw RowFault(lint) }
        return edit
    }
}
