public import Pipeline

/// What this host's name servers are worth to those whom the route brings here.
public enum VIPHealth: Sendable, Hashable {
    /// They answer, with a stamp that is young enough.
    case fresh(Instant)
    /// They answer; the stamp is too old, from the future, not a stamp, or not there
    /// (then there is no time).
    case stale(Instant?)
    /// One of them answers nothing at all: packets for it are lost.
    case dark

    public var published: Instant? {
        switch self {
        case .fresh(let published): published
        case .stale(let published): published
        case .dark: nil
        }
    }

    /// - Parameters:
    ///   - checks: the stamp through each name server that has to answer; at least one.
    ///   - answersElse: whether each of them answered when asked for something else; a name
    ///     server that knows nothing of the stamp's zone may keep silent about it.
    public init(_ checks: [StampCheck], answersElse: [Bool] = []) {
        var published: Instant?
        var isFresh = !checks.isEmpty
        for (index, check) in checks.enumerated() {
            switch check {
            case .fresh(let reading, _):
                published = min(published ?? reading.published, reading.published)
                continue
            case .stale(let reading, _):
                published = min(published ?? reading.published, reading.published)
            case .unreachable where !(index < answersElse.count && answersElse[index]):
                self = .dark
                return
            // No time to compare with anybody's: sorts before all.
            case .future, .missing, .invalid, .unreachable: published = Instant(milliseconds: .min)
            }
            isFresh = false
        }
        let known = published.flatMap { $0.milliseconds == .min ? nil : $0 }
        self = if isFresh, let known { .fresh(known) } else { .stale(known) }
    }
}
