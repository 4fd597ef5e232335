public import DNSWire
public import Pipeline

extension SerialAnswer {
    /// Judges an answer to a query for the SOA of a zone.
    public init(_ answer: Message, of zone: Name) {
        let soa = answer.answers.first { $0.type == .soa && $0.owner == zone }.flatMap { try? SOA($0.rdata) }
        let isAuthoritative = answer.flags.contains(.authoritative)
        switch answer.responseCode {
        case .noError where isAuthoritative && soa != nil: self = .serves(soa?.serial ?? Serial(0))
        // Of the zone above, or with other data at the name: the zone is not there.
        case .noError where isAuthoritative && answer.answers.isEmpty, .nameError where isAuthoritative: self = .disowns(answer.responseCode)
        case .notAuthoritative, .refused: self = .disowns(answer.responseCode)
        default: self = .unsure(answer.responseCode)
        }
    }

    /// With what the server said of other zones that it should have: if it serves one of them,
    /// it is a server that is well and has not the zone.
    public func confirmed(by others: some Sequence<SerialAnswer>) -> SerialAnswer {
        guard case .disowns = self, others.contains(where: { $0.serial != nil }) else { return self }
        return .absent
    }
}
