/// What a fault is, why it matters and what to do: all that `--explain` prints.
public struct Explanation: Sendable {
    public let fault: Fault
    /// Unless a ``Profile`` says otherwise.
    public let level: Level
    /// False if tinydns could not serve the records at all.
    public let isWaivable: Bool
    public let title: String
    public let why: String
    /// The RFC and section, or the manual.
    public let source: String
    public let mend: String

    init(
        _ fault: Fault, _ level: Level, _ title: String, why: String, source: String, mend: String,
        isWaivable: Bool = true
    ) {
        self.fault = fault
        self.level = level
        self.isWaivable = isWaivable
        self.title = title
        self.why = why
        self.source = source
        self.mend = mend
    }

    /// One for each fault, by theme.
    public static let all: [Explanation] =
        ofForms + ofAliases + ofTargets + ofZones + ofSets + ofHosts + ofTexts + ofMail + ofKeys + ofTinydns + ofWaivers

    fileprivate static let byFault = Dictionary(all.map { ($0.fault, $0) }) { first, _ in first }
}

extension Fault {
    public var explanation: Explanation {
        // A test holds that every fault has one.
        Explanation.byFault[self]
            ?? Explanation(self, .error, rawValue, why: "", source: "", mend: "")
    }
}
