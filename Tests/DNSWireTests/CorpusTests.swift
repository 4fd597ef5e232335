import TestSupport
import Testing

/// What the fuzzers found worth keeping (`scripts/fuzz.sh`), run again.
@Suite struct CorpusTests {
    @Test(arguments: FuzzTarget.allCases)
    func replay(_ target: FuzzTarget) throws {
        var octets = try contents("\(packageRoot)/Tests/Fuzz/\(target.rawValue).corpus")[...]
        var count = 0
        while octets.count >= 4 {
            let length = octets.prefix(4).reduce(0) { $0 << 8 | Int($1) }
            let input = Array(octets.dropFirst(4).prefix(length))
            octets = octets.dropFirst(4 + length)
            count += 1
            let fault = target.fault(input)
            #expect(fault == nil, "\(target), input \(count)")
        }
        #expect(octets.isEmpty && count > 50)
    }
}
