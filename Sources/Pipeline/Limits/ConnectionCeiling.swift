/// How many connections are open, in all and of each network.
public struct ConnectionCeiling: Sendable {
    public let total: Int
    public let share: Int
    private var open: [PeerNetwork: Int] = [:]
    public private(set) var count = 0

    /// - Parameter total: at least two; one network has half of them at most.
    public init(total: Int) {
        self.total = max(total, 2)
        share = self.total / 2
    }

    /// Whether one more may be opened; if so it counts until ``leave(_:)``.
    public mutating func enter(_ network: PeerNetwork) -> Bool {
        guard count < total, open[network, default: 0] < share else { return false }
        open[network, default: 0] += 1
        count += 1
        return true
    }

    public mutating func leave(_ network: PeerNetwork) {
        guard let own = open[network] else { return }
        open[network] = own > 1 ? own - 1 : nil
        count -= 1
    }
}
