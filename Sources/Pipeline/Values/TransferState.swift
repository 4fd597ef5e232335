public import DNSWire

/// Which presentation name servers are given by zone transfer, and with which serials.
///
/// Written by the leading instance, followed by all: whichever is asked gives one serial
/// for one content.
public struct TransferState: Hashable, Sendable {
    /// The presentation's number.
    public var presentation: UInt64
    /// The blob with its ``Manifest``.
    public var manifest: Digest
    /// How the serials are spread over blobs, by the names of their zones.
    public var spread: Sharding
    /// Blobs of ``ZoneSerials``, by index; empty ones are left out.
    public var serials: [Int: Digest]
    /// Of how views are made of the presentation: another, and every zone has changed.
    public var basis: Digest

    public init(presentation: UInt64, manifest: Digest, spread: Sharding, serials: [Int: Digest], basis: Digest) {
        self.basis = basis
        self.presentation = presentation
        self.manifest = manifest
        self.spread = spread
        self.serials = serials
    }
}

/// A zone as one view shows it.
public struct ZoneView: Hashable, Sendable, CustomStringConvertible {
    public var zone: Name
    /// The view's name.
    public var view: String

    public init(zone: Name, view: String) {
        self.zone = zone
        self.view = view
    }

    public var description: String { "\(zone) in view \(view)" }
}

/// The serials that a zone had lately.
///
/// They rise by themselves, without a clock (RFC 1982), and go on where they ended when a
/// zone goes and comes back.
public struct ZoneSerials: Hashable, Sendable {
    public struct Step: Hashable, Sendable {
        public var serial: Serial
        /// The first presentation in which the zone has this serial.
        public var presentation: UInt64

        public init(serial: Serial, presentation: UInt64) {
            self.serial = serial
            self.presentation = presentation
        }
    }

    /// How many steps are remembered: who is further behind gets all of the zone.
    public static let most = 100

    /// Oldest first, never empty.
    public private(set) var steps: [Step]
    /// The zone is not there any more.
    public var isGone: Bool

    /// Of the steps the newest ``most`` stay.
    public init(steps: [Step], isGone: Bool = false) {
        precondition(!steps.isEmpty, "a zone has a serial")
        self.steps = Array(steps.suffix(Self.most))
        self.isGone = isGone
    }

    public var serial: Serial { steps[steps.count - 1].serial }

    /// The zone changed: the next serial, or `wish` if that is newer.
    public mutating func step(to presentation: UInt64, atLeast wish: Serial?) {
        var next = serial.next
        if let wish, wish.isNewer(than: next) { next = wish }
        steps.append(Step(serial: next, presentation: presentation))
        if steps.count > Self.most { steps.removeFirst() }
        isGone = false
    }

    /// In which presentations the zone had a serial: from the first up to before `end`, or
    /// up to now; `nil` if that is not remembered.
    public func presentations(of serial: Serial) -> (first: UInt64, end: UInt64?)? {
        guard let place = steps.lastIndex(where: { $0.serial == serial }) else { return nil }
        return (steps[place].presentation, place + 1 < steps.count ? steps[place + 1].presentation : nil)
    }
}
