internal import Synchronization

/// How many connections there may be, so that those who open many leave room for others.
final class ConnectionLimits: Sendable {
    private let most: Int
    private let mostOfOne: Int
    private let open = Mutex<[[UInt8]: Int]>([:])
    private let statistics: TransferStatistics

    /// - Parameters:
    ///   - most: in all.
    ///   - mostOfOne: from one address.
    init(most: Int, mostOfOne: Int, statistics: TransferStatistics) {
        self.most = most
        self.mostOfOne = mostOfOne
        self.statistics = statistics
    }

    /// Whether one more may be there; who takes it gives it back.
    func take(_ address: [UInt8]) -> Bool {
        let taken = open.withLock { open in
            let all = open.values.reduce(0, +), own = open[address] ?? 0
            guard all < most, own < mostOfOne else { return 0 }
            open[address] = own + 1
            return all + 1
        }
        if taken == 0 { statistics.turnedAway() } else { statistics.connections(taken) }
        return taken > 0
    }

    func giveBack(_ address: [UInt8]) {
        statistics.connections(
            open.withLock { open in
                let left = (open[address] ?? 1) - 1
                open[address] = left > 0 ? left : nil
                return open.values.reduce(0, +)
            })
    }
}
