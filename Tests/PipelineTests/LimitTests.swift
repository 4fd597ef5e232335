import Pipeline
import TestSupport
import Testing

@Suite struct LimitTests {
    private static let start = ContinuousClock.now

    private func at(_ milliseconds: Int64) -> ContinuousClock.Instant { Self.start + .milliseconds(milliseconds) }

    /// Beside the bucket as textbooks have it: a level that rises with time up to the burst.
    @Test(arguments: 0..<50 as Range<UInt64>) func asAVesselThatFills(seed: UInt64) {
        var random = Seeded(seed)
        let interval = Int64(1 + random.below(50)), burst = 1 + random.below(20)
        let limit = RateLimit(every: .milliseconds(interval), burst: burst)
        var bucket = TokenBucket(at: at(0))
        var level = interval * Int64(burst), now: Int64 = 0
        for _ in 0..<2000 {
            let step = Int64(random.chance(50) ? random.below(5000) : random.below(Int(interval) + 2))
            now += step
            level = min(level + step, interval * Int64(burst))
            let wait = bucket.take(limit, at: at(now))
            if level >= interval {
                #expect(wait == nil)
                level -= interval
            } else {
                #expect(wait == .milliseconds(interval - level))
            }
        }
    }

    /// In no stretch of time more than the burst and what the rate gives in it.
    @Test(arguments: 0..<20 as Range<UInt64>) func neverMoreThanTheLimit(seed: UInt64) {
        var random = Seeded(seed)
        let interval = Int64(1 + random.below(30)), burst = 1 + random.below(10)
        let limit = RateLimit(every: .milliseconds(interval), burst: burst)
        var bucket = TokenBucket(at: at(0))
        var now: Int64 = 0
        var taken: [Int64] = []
        for _ in 0..<400 {
            now += Int64(random.below(Int(interval)))
            if bucket.take(limit, at: at(now)) == nil { taken.append(now) }
        }
        for i in taken.indices {
            for j in i..<taken.count where j - i + 1 > burst {
                #expect(Int64(j - i + 1 - burst) * interval <= taken[j] - taken[i])
            }
        }
    }

    /// Who waits as told gets one, who waits less does not; refusals cost nothing, nor does a clock that stands or goes back.
    @Test(arguments: 0..<20 as Range<UInt64>) func theWaitIsExact(seed: UInt64) throws {
        var random = Seeded(seed)
        let limit = RateLimit(every: .microseconds(1 + random.below(1_000_000)), burst: 1 + random.below(50))
        var bucket = TokenBucket(at: at(0))
        for _ in 0..<limit.burst { #expect(bucket.take(limit, at: at(0)) == nil) }
        let refused = bucket.take(limit, at: at(0))
        let wait = try #require(refused)
        #expect(wait == limit.interval)
        let before = bucket
        #expect(bucket.take(limit, at: at(0) + wait - .nanoseconds(1)) == .nanoseconds(1))
        #expect(bucket.take(limit, at: at(-1000)) == wait + .seconds(1))
        #expect(bucket == before)
        #expect(bucket.take(limit, at: at(0) + wait) == nil)
        #expect(bucket.take(limit, at: at(0) + wait) == limit.interval)
    }

    @Test func rates() throws {
        #expect(RateLimit(rate: "1000/s", burst: 5) == RateLimit(every: .milliseconds(1), burst: 5))
        #expect(RateLimit(rate: "30/m", burst: 1) == RateLimit(every: .seconds(2), burst: 1))
        #expect(RateLimit(rate: "1/h", burst: 1) == RateLimit(every: .seconds(3600), burst: 1))
        #expect(RateLimit(rate: "9999999/s", burst: 1) != nil)
        for text in ["", "/", "1", "/s", "1/", "0/s", "01/s", "-1/s", "+1/s", "1/d", "1/s/s", "10000000/s", "1.5/s", " 1/s", "1 /s", "١/s"] {
            #expect(RateLimit(rate: text, burst: 1) == nil, "\(text)")
        }
        #expect(RateLimit(rate: "1/s", burst: 0) == nil)
    }

    /// Every caller has what it would have alone, as long as there is room for those who took lately.
    @Test(arguments: 0..<20 as Range<UInt64>) func callersDoNotShare(seed: UInt64) {
        var random = Seeded(seed)
        let limit = RateLimit(every: .milliseconds(10), burst: 3)
        var buckets = TokenBuckets<Int>(limit, capacity: 24)
        var alone: [Int: TokenBucket] = [:]
        var now: Int64 = 0
        for _ in 0..<3000 {
            // Six at a time, others later: those before are full again when room is needed.
            now += Int64(random.chance(100) ? 100 : random.below(4))
            let caller = Int(now / 1000) * 6 + random.below(6)
            #expect(buckets.take(caller, at: at(now)) == alone[caller, default: TokenBucket(at: at(now))].take(limit, at: at(now)))
            #expect(buckets.count <= 24)
        }
    }

    /// Thousands of new callers neither take memory, nor wait, nor free those who took too much.
    @Test func aFloodOfCallers() {
        let limit = RateLimit(every: .seconds(10), burst: 20)
        var buckets = TokenBuckets<Int>(limit, capacity: 100)
        for greedy in 0..<10 {
            while buckets.take(-1 - greedy, at: at(0)) == nil {}
        }
        for new in 0..<10_000 {
            #expect(buckets.take(new, at: at(Int64(new) / 100)) == nil)
            #expect(buckets.count <= 100)
            #expect(buckets.take(-1 - new % 10, at: at(Int64(new) / 100)) != nil)
        }
    }

    @Test func networks() {
        func network(_ words: [UInt16]) -> PeerNetwork { PeerNetwork(words.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }) }
        let one = network([0x2001, 0xDB8, 0, 1, 0, 0, 0, 1])
        #expect(one == network([0x2001, 0xDB8, 0, 1, 0xFFFF, 1, 2, 3]))
        #expect(one != network([0x2001, 0xDB8, 0, 2, 0, 0, 0, 1]))
        #expect(PeerNetwork([192, 0, 2, 1]) != PeerNetwork([192, 0, 2, 2]))
        #expect(PeerNetwork([192, 0, 2, 1]) == network([0, 0, 0, 0, 0, 0xFFFF, 0xC000, 0x0201]))
        #expect(network([0, 0, 0, 0, 0, 0xFFFF, 0xC000, 0x0201]) != network([0, 0, 0, 0, 0, 0xFFFF, 0xC000, 0x0202]))
        #expect(PeerNetwork([0, 0, 0, 0]) != network([0, 0, 0, 0, 0, 0, 0, 1]))
        #expect(PeerNetwork([0, 0, 0, 0]) != .unknown)
        for count in [0, 1, 3, 5, 15, 17] { #expect(PeerNetwork(Array(repeating: 1, count: count)) == .unknown) }
    }

    /// Counts what is open, never more than the total, nor of one network more than half.
    @Test(arguments: 0..<20 as Range<UInt64>) func ceilings(seed: UInt64) {
        var random = Seeded(seed)
        let total = 2 + random.below(30)
        var ceiling = ConnectionCeiling(total: total)
        var open: [PeerNetwork] = []
        for _ in 0..<3000 {
            let network = PeerNetwork([192, 0, 2, UInt8(random.below(4))])
            if random.chance(2) {
                let isFree = open.count < total && open.count(where: { $0 == network }) < total / 2
                #expect(ceiling.enter(network) == isFree)
                if isFree { open.append(network) }
            } else if let index = open.firstIndex(of: network) {
                open.remove(at: index)
                ceiling.leave(network)
            } else {
                ceiling.leave(network)
            }
            #expect(ceiling.count == open.count)
        }
    }
}
