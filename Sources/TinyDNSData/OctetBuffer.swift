/// Octets in place: a line, a field, a name on the wire. They end with the call they are given to.
typealias Octets = UnsafeBufferPointer<UInt8>

/// Room that is used again for each line, so that reading a line allocates nothing.
struct OctetBuffer: ~Copyable {
    private var base = UnsafeMutablePointer<UInt8>.allocate(capacity: 512)
    private var capacity = 512
    private(set) var count = 0

    deinit { base.deallocate() }

    /// Valid until the buffer changes.
    var octets: Octets { Octets(start: base, count: count) }

    mutating func clear() { count = 0 }

    /// Makes room, so that ``add(_:)`` may be called `more` times.
    @inline(__always)
    mutating func reserve(_ more: Int) {
        if capacity - count < more { grow(more) }
    }

    private mutating func grow(_ more: Int) {
        capacity = max(2 * capacity, count + more)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        larger.update(from: base, count: count)
        base.deallocate()
        base = larger
    }

    /// Room must have been reserved.
    @inline(__always)
    mutating func add(_ octet: UInt8) {
        base[count] = octet
        count += 1
    }

    @inline(__always)
    mutating func append(_ octet: UInt8) {
        reserve(1)
        add(octet)
    }

    @inline(__always)
    mutating func append(_ octets: Octets) {
        guard let start = octets.baseAddress else { return }
        reserve(octets.count)
        (base + count).update(from: start, count: octets.count)
        count += octets.count
    }

    /// Appends octets in lower case, and gives their hash in a database: ``Cdb/hash(_:)``.
    @inline(__always)
    mutating func appendKey(_ octets: Octets) -> UInt32 {
        reserve(octets.count)
        let end = base + count
        var hash: UInt32 = 5381
        for i in 0..<octets.count {
            let octet = octets[i]
            let lower = octet &- 65 < 26 ? octet | 0x20 : octet
            end[i] = lower
            hash = (hash &* 33) ^ UInt32(lower)
        }
        count += octets.count
        return hash
    }

    /// Appends an integer in network order.
    @inline(__always)
    mutating func append<Value: FixedWidthInteger>(network value: Value) {
        let size = MemoryLayout<Value>.size
        reserve(size)
        UnsafeMutableRawPointer(base + count).storeBytes(of: value.bigEndian, as: Value.self)
        count += size
    }

    mutating func append(_ text: StaticString) {
        append(Octets(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends a number in decimal.
    @inline(__always)
    mutating func append(decimal value: UInt8) {
        reserve(3)
        if value >= 100 { add(48 + value / 100) }
        if value >= 10 { add(48 + value / 10 % 10) }
        add(48 + value % 10)
    }

    /// Sets an octet that is there already.
    @inline(__always)
    mutating func set(_ index: Int, _ octet: UInt8) { base[index] = octet }
}
