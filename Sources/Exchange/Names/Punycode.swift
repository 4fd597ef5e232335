/// Punycode (RFC 3492): Unicode in letters, digits and hyphens.
enum Punycode {
    private static let base = 36, least = 1, most = 26, skew = 38, damp = 700

    /// What follows `xn--`; `nil` if it would be longer than any label.
    static func encode(_ text: some Sequence<Unicode.Scalar>) -> String? {
        let scalars = text.map { Int($0.value) }
        guard scalars.count <= 63 else { return nil }
        var output = scalars.filter { $0 < 0x80 }.map { UInt8($0) }
        let basic = output.count
        var handled = basic
        if basic > 0 { output.append(UInt8(ascii: "-")) }
        var code = 0x80, delta = 0, bias = 72
        while handled < scalars.count {
            // At most 63 scalars of 21 bits: no step overflows.
            let next = scalars.filter { $0 >= code }.min()!
            delta += (next - code) * (handled + 1)
            code = next
            for scalar in scalars {
                if scalar < code { delta += 1 }
                guard scalar == code else { continue }
                var rest = delta
                var step = base
                while true {
                    let threshold = min(max(step - bias, least), most)
                    guard rest >= threshold else { break }
                    output.append(digit(threshold + (rest - threshold) % (base - threshold)))
                    rest = (rest - threshold) / (base - threshold)
                    step += base
                }
                output.append(digit(rest))
                bias = adapted(delta, handled + 1, isFirst: handled == basic)
                delta = 0
                handled += 1
            }
            delta += 1
            code += 1
        }
        return String(decoding: output, as: UTF8.self)
    }

    private static func digit(_ value: Int) -> UInt8 { UInt8(value < 26 ? 0x61 + value : 0x30 + value - 26) }

    private static func adapted(_ delta: Int, _ count: Int, isFirst: Bool) -> Int {
        var delta = isFirst ? delta / damp : delta / 2
        delta += delta / count
        var steps = 0
        while delta > (base - least) * most / 2 {
            delta /= base - least
            steps += base
        }
        return steps + (base - least + 1) * delta / (delta + skew)
    }
}
