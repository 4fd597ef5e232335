/// How often something took how long: counts below fixed bounds, as Prometheus adds them up.
public struct Histogram: Hashable, Sendable {
    /// Upper bounds, rising; above the last there is one more bucket.
    public let bounds: [Double]
    /// What fell between a bound and the one before; the last is above all.
    private var counts: [UInt64]
    /// Of all that was observed.
    public private(set) var sum = 0.0

    /// For times from a millisecond to half an hour.
    public static let seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800]

    /// - Parameter bounds: in any order; what is not finite is left out.
    public init(bounds: [Double] = Histogram.seconds) {
        self.bounds = Set(bounds.filter(\.isFinite)).sorted()
        counts = Array(repeating: 0, count: self.bounds.count + 1)
    }

    /// Counts a value. Below zero (the clocks of two machines) it counts as zero; what is no number does not count.
    public mutating func observe(_ value: Double) {
        guard value.isFinite else { return }
        let value = max(0, value)
        counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
        sum += value
    }

    public mutating func observe(_ duration: Duration) { observe(duration / .seconds(1)) }

    public var count: UInt64 { counts.reduce(0, +) }

    /// How many were at most as large as each bound; the last bound is infinite.
    public var cumulative: [(bound: Double, count: UInt64)] {
        var total: UInt64 = 0
        return zip(bounds + [.infinity], counts).map { bound, count in
            total += count
            return (bound, total)
        }
    }
}
