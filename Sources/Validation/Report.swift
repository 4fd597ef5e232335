public import Pipeline

/// Collects findings, at the levels that the profile gives their codes.
public struct Report {
    private let profile: Profile
    private(set) var findings: [Finding] = []

    init(_ profile: Profile) { self.profile = profile }

    /// Reports a built-in fault of an RRset. The message is made only if the fault is looked for.
    public mutating func add(
        _ fault: Fault, _ set: RecordSet, level: Level? = nil, _ message: @autoclosure () -> String
    ) {
        add(.fault(fault), set.key, set.origin, level ?? fault.explanation.level, message)
    }

    /// As ``add(_:_:level:_:)``, at a name without records.
    public mutating func add(
        _ fault: Fault, at key: RecordKey, origin: Origin, level: Level? = nil, _ message: @autoclosure () -> String
    ) {
        add(.fault(fault), key, origin, level ?? fault.explanation.level, message)
    }

    /// Reports what a policy of the site's own forbids, as `site/POLICY`.
    public mutating func add(
        policy: String, _ set: RecordSet, level: Level, _ message: @autoclosure () -> String
    ) {
        add(.site(policy), set.key, set.origin, level, message)
    }

    private mutating func add(
        _ code: Code, _ key: RecordKey, _ origin: Origin, _ proposed: Level, _ message: () -> String
    ) {
        guard let level = profile.level(of: code, proposed) else { return }
        findings.append(Finding(level: level, code: code, key: key, message: message(), origin: origin))
    }
}
