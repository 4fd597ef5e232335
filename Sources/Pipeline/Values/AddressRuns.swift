/// Networks that nest or are apart, as runs of addresses.
public enum AddressRuns {
    /// The runs of the IPv4 address space, in order, each with the innermost network that holds it.
    ///
    /// - Parameter networks: sorted by first address, of equals the larger first; two of them
    ///   nest or are apart, as prefixes do.
    /// - Returns: where each run starts, the first at 0, and the index of its network;
    ///   `nil`: in none.
    public static func innermost(_ networks: [ClosedRange<UInt32>]) -> [(first: UInt32, network: Int?)] {
        var runs: [(first: UInt32, network: Int?)] = [(0, nil)]
        func start(_ first: UInt32, _ network: Int?) {
            if runs.last?.first == first { runs.removeLast() }
            runs.append((first, network))
        }
        // Those around an address are a stack.
        var open: [Int] = []
        func close(before next: UInt64) {
            while let inner = open.last, UInt64(networks[inner].upperBound) < next {
                open.removeLast()
                if networks[inner].upperBound < .max { start(networks[inner].upperBound + 1, open.last) }
            }
        }
        for (index, network) in networks.enumerated() {
            close(before: UInt64(network.lowerBound))
            start(network.lowerBound, index)
            open.append(index)
        }
        close(before: 1 << 32)
        return runs
    }
}

extension MapEntry {
    /// The addresses that start with its prefix.
    public var addresses: ClosedRange<UInt32> { Self.addresses(prefix) }

    /// The addresses that start with `prefix`, of 0 to 4 octets.
    public static func addresses(_ prefix: [UInt8]) -> ClosedRange<UInt32> {
        let first = prefix.enumerated().reduce(UInt32(0)) { $0 | UInt32($1.element) << UInt32(24 - 8 * $1.offset) }
        return first...(first | (prefix.count == 4 ? 0 : UInt32.max >> UInt32(8 * prefix.count)))
    }
}
