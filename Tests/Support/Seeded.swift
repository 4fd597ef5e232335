/// Random numbers that are the same for the same seed (SplitMix64, Steele, Lea, Flood 2014).
public struct Seeded: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(_ seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    public mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &self) }
    public mutating func chance(_ one: Int) -> Bool { below(one) == 0 }
    public mutating func pick<C: RandomAccessCollection>(_ choices: C) -> C.Element { choices.randomElement(using: &self)! }
    public mutating func octets(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }

    /// `octets` with a few bits flipped, octets replaced, cut out or put in.
    public mutating func mutate(_ octets: [UInt8]) -> [UInt8] {
        var octets = octets
        for _ in 0...below(4) {
            guard !octets.isEmpty else { return self.octets(1) }
            let at = below(octets.count)
            switch below(6) {
            case 0: octets[at] ^= 1 << UInt8(below(8))
            case 1: octets[at] = UInt8(truncatingIfNeeded: next())
            case 2: octets.remove(at: at)
            case 3: octets.insert(UInt8(truncatingIfNeeded: next()), at: at)
            case 4: octets[at] = pick([0, 1, 0x3F, 0x40, 0x7F, 0x80, 0xC0, 0xFF])
            default: octets.removeLast(octets.count - at)
            }
        }
        return octets
    }
}
