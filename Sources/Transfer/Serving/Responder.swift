internal import DNSWire
internal import Pipeline
internal import Synchronization

/// What is answered to a message: a function of the message, who sent it, and what is presented.
struct Responder: Sendable {
    enum Transport: Sendable { case udp, tcp }

    enum Reply: Sendable {
        /// Silence: to answers, and to what is no message.
        case none
        case message([UInt8])
        case stream(TransferStream)
        /// What it depends on has to be read first.
        case later(@Sendable () async -> Reply)
    }

    let access: Access
    /// `nil`: nothing is known yet.
    let presented: @Sendable () -> Presented?
    /// Brings back a presentation that is not in memory.
    let recall: @Sendable (_ first: UInt64, _ end: UInt64) async -> Presented?
    let statistics: TransferStatistics
    /// Seconds since 1970.
    let now: @Sendable () -> UInt64

    func reply(to octets: [UInt8], from address: [UInt8], over transport: Transport) -> Reply {
        guard let header = try? MessageHeader(octets), !header.flags.contains(.response) else { return .none }
        guard let query = try? MessageView(octets) else {
            statistics.count(.malformed)
            return .message(Message(id: header.id, opcode: header.opcode, flags: .response, responseCode: .formatError).wire)
        }
        var signer: TSIGServer?
        switch TSIGServer.receive(query, at: now(), keys: access.key) {
        case .unsigned: break
        case .signed(let server): signer = server
        case .refused(let refusal):
            statistics.count(.badSignature)
            return .message(refusal.answer(to: query))
        }
        return reply(to: Asked(query: query, address: address, transport: transport, signer: signer, now: now))
    }

    private func reply(to asked: Asked) -> Reply {
        let query = asked.query
        if let version = asked.edns?.version, version > 0 { return refuse(asked, .badVersion) }
        let peers = access.peers(at: asked.address, key: asked.signer?.key.name)
        guard !peers.isEmpty else { return refuse(asked, .refused) }
        guard query.opcode == .query else { return refuse(asked, query.opcode == .notify ? .refused : .notImplemented) }
        guard let question = asked.question, query.questions.count == 1 else { return refuse(asked, .formatError) }
        guard question.rrClass == .in, [.soa, .axfr, .ixfr].contains(question.type) else { return refuse(asked, .refused) }
        guard let presented = presented() else { return refuse(asked, .serverFailure) }
        let taking = peers.filter { $0.takes(question.name) || presented.snapshot.isCatalog(question.name, in: $0.view) }
        let keys = taking.map { ZoneView(zone: question.name, view: $0.view) }
        guard let key = keys.first(where: { presented.zone($0) != nil }) else { return refuse(asked, .notAuthoritative) }
        return answer(asked, key, presented)
    }

    private func answer(_ asked: Asked, _ key: ZoneView, _ presented: Presented) -> Reply {
        guard let (zone, serial) = presented.zone(key), let question = asked.question else { return refuse(asked, .notAuthoritative) }
        let start = zone.startRecord(serial)
        switch (question.type, asked.transport) {
        case (.axfr, .udp):
            // There is none (RFC 5936 §4.2).
            return refuse(asked, .formatError)
        case (.axfr, .tcp):
            statistics.count(.axfr)
            return .stream(asked.stream([start] + zone.ordered.map(\.octets) + [start], expire: zone.start.expire))
        case (.ixfr, _):
            guard let has = asked.serial(of: key.zone) else { return refuse(asked, .formatError) }
            return incremental(asked, key, presented, since: has)
        default:
            statistics.count(.soa)
            return single(asked, [start], expire: zone.start.expire)
        }
    }

    private func incremental(_ asked: Asked, _ key: ZoneView, _ presented: Presented, since serial: Serial) -> Reply {
        guard let (zone, current) = presented.zone(key) else { return refuse(asked, .notAuthoritative) }
        let start = zone.startRecord(current), expire = zone.start.expire
        switch presented.way(from: serial, to: key) {
        case .none:
            statistics.count(.current)
            return single(asked, [start], expire: expire)
        case .difference(let difference):
            let changes = difference.changes
            let parts = [start, difference.from, changes.removed, difference.to, changes.added, start]
            if asked.transport == .udp {
                let stream = asked.stream(parts, expire: expire)
                guard let message = TransferStream.single(stream) else { return single(asked, [start], expire: expire) }
                statistics.count(.ixfr)
                return .message(message)
            }
            statistics.count(.ixfr)
            return .stream(asked.stream(parts, expire: expire))
        // What does not fit is told by the SOA alone: come by TCP (RFC 1995 §2).
        case .whole where asked.transport == .udp, .history where asked.transport == .udp:
            return single(asked, [start], expire: expire)
        case .whole:
            statistics.count(.axfrForIXFR)
            return .stream(asked.stream([start] + zone.ordered.map(\.octets) + [start], expire: expire))
        case .history(let first, let end):
            return .later {
                guard let recalled = await recall(first, end), case .difference = recalled.way(from: serial, to: key) else {
                    statistics.count(.axfrForIXFR)
                    return .stream(asked.stream([start] + zone.ordered.map(\.octets) + [start], expire: expire))
                }
                return incremental(asked, key, recalled, since: serial)
            }
        }
    }

    private func single(_ asked: Asked, _ parts: [[UInt8]], expire: UInt32) -> Reply {
        if let message = TransferStream.single(asked.stream(parts, expire: expire)) { return .message(message) }
        // Names and a signature can be longer than a small datagram.
        return refuse(asked, .noError, .truncated)
    }

    private func refuse(_ asked: Asked, _ code: ResponseCode, _ flags: Message.Flags = []) -> Reply {
        if code != .noError { statistics.count(.refused) }
        var answer = Message(
            id: asked.query.id, opcode: asked.query.opcode,
            flags: asked.query.flags.intersection(.recursionDesired).union(.response).union(flags), responseCode: code)
        answer.questions = asked.question.map { [$0] } ?? []
        if asked.edns != nil { answer.edns = EDNS() }
        var octets = answer.wire
        var signer = asked.signer
        guard (try? signer?.sign(&octets, at: now())) != nil || signer == nil else { return .none }
        return .message(octets)
    }
}

/// A request that was read.
private struct Asked: Sendable {
    let query: MessageView
    let address: [UInt8]
    let transport: Responder.Transport
    let signer: TSIGServer?
    let now: @Sendable () -> UInt64
    let question: Question?
    let edns: EDNS?

    init(
        query: MessageView, address: [UInt8], transport: Responder.Transport, signer: TSIGServer?, now: @escaping @Sendable () -> UInt64
    ) {
        self.query = query
        self.address = address
        self.transport = transport
        self.signer = signer
        self.now = now
        question = query.questions.first { _ in true }?.question
        edns = query.edns
    }

    /// The serial that the asker says it has (RFC 1995 §3).
    func serial(of zone: Name) -> Serial? {
        guard let record = query.authority.first(where: { $0.type == .soa && $0.owner == zone }) else { return nil }
        return (try? SOA(record.rdata))?.serial
    }

    /// Octets of a datagram that we send at most: what crosses networks unfragmented (RFC 9715 §3).
    private static let largestDatagram = 1232

    func stream(_ parts: [[UInt8]], expire: UInt32) -> TransferStream {
        var answer: EDNS?
        if let edns {
            answer = EDNS()
            // Of a primary it is the SOA's own (RFC 7314 §3.2).
            if edns.options.contains(.expire(nil)) { answer?.options = [.expire(expire)] }
        }
        let size = min(max(512, Int(edns?.udpSize ?? 512)), Self.largestDatagram)
        return TransferStream(
            parts, id: query.id, flags: query.flags.intersection(.recursionDesired).union([.response, .authoritative]),
            question: question ?? Question(name: .root, type: .soa), edns: answer, signer: signer,
            limit: transport == .udp ? size : 65_535, now: now)
    }
}

extension Snapshot {
    func isCatalog(_ zone: Name, in view: String) -> Bool { views.contains { $0.name == view && $0.catalog == zone } }
}
