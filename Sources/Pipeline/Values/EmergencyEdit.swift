/// An edit that skips the review: a person signed it, and answers for it.
public struct EmergencyEdit: Hashable, Sendable {
    /// Its origin is the signature's key, whatever the body says.
    public let edit: Edit
    /// When it was signed.
    public let at: Instant
    public let pipeline: String
    /// The encoding of the three, exactly as signed.
    let body: [UInt8]
    /// Name of the person's key.
    public let key: String
    let signature: [UInt8]

    init(edit: Edit, at: Instant, pipeline: String, body: [UInt8], key: String, signature: [UInt8]) {
        self.edit = edit
        self.at = at
        self.pipeline = pipeline
        self.body = body
        self.key = key
        self.signature = signature
    }

    /// Signs `edit`, for one pipeline.
    public init(signing edit: Edit, at: Instant, for pipeline: String, with key: SigningKey) throws {
        let body = Self.body(edit, at: at, pipeline: pipeline)
        try self.init(body: body, key: key.name, signature: try key.sign(body, as: .emergencyEdit))
    }

    /// The longest that one may be in force after it was signed: a week, in milliseconds.
    public static let lifetime: Int64 = 7 * 86_400_000
    /// How far the signer's clock may be ahead, in milliseconds.
    public static let skew: Int64 = 5 * 60_000

    /// Why it is not in force at `instant`; `nil` if it is.
    ///
    /// - Parameter people: keys of those who may sign.
    public func fault(people: [VerifyingKey], pipeline: String, at instant: Instant) -> String? {
        let keys = people.filter { $0.name == key }
        if keys.isEmpty { return "signed by '\(key)', who is not in policy.people" }
        guard keys.contains(where: { $0.accepts(signature, over: body, as: .emergencyEdit) }) else {
            return "the signature is not by the key '\(key)'"
        }
        if self.pipeline != pipeline { return "signed for another pipeline, '\(self.pipeline)'" }
        guard [.set, .add, .remove].contains(edit.action) else { return "\(edit.action) needs a review" }
        if edit.action != .remove, edit.rdata.isEmpty { return "it has no values" }
        if edit.starts != nil { return "an emergency edit starts at once" }
        guard let expires = edit.expires, expires.milliseconds <= at.milliseconds.addingReportingOverflow(Self.lifetime).partialValue else {
            return "it has to expire within a week"
        }
        if instant < expires, at.milliseconds <= instant.milliseconds + Self.skew { return nil }
        return instant < expires ? "signed in the future" : "it has expired; 'freshet emergency withdraw' clears it away"
    }
}
