internal import NIOCore
internal import Synchronization

/// How many connections there may be, so that those who open many leave room for others.
final class ConnectionLimits: Sendable {
    private let most: Int
    private let mostOfOne: Int
    private let open = Mutex<[[UInt8]: [ObjectIdentifier: any Channel]]>([:])
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
    func take(_ channel: any Channel, from address: [UInt8]) -> Bool {
        let taken = open.withLock { open in
            let all = open.values.reduce(0) { $0 + $1.count }, own = open[address]?.count ?? 0
            guard all < most, own < mostOfOne else { return 0 }
            open[address, default: [:]][ObjectIdentifier(channel)] = channel
            return all + 1
        }
        if taken == 0 { statistics.turnedAway() } else { statistics.connections(taken) }
        return taken > 0
    }

    func giveBack(_ channel: any Channel, from address: [UInt8]) {
        statistics.connections(
            open.withLock { open in
                open[address]?[ObjectIdentifier(channel)] = nil
                if open[address]?.isEmpty ?? false { open[address] = nil }
                return open.values.reduce(0) { $0 + $1.count }
            })
    }

    /// Closes all there are.
    func closeAll() async {
        for channel in open.withLock({ $0.values.flatMap(\.values) }) { try? await channel.close() }
    }
}
