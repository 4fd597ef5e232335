extension LOC {
    /// Takes the text of a location (RFC 1876 §3) off `rest` and appends its wire octets.
    static func append(
        _ text: Span<UInt8>, _ rest: inout ArraySlice<TextField>, _ type: RRType, to wire: inout [UInt8]
    ) throws(RDataError) {
        let latitude = try angle(text, &rest, type, degrees: 90, positive: "N", negative: "S")
        let longitude = try angle(text, &rest, type, degrees: 180, positive: "E", negative: "W")
        guard let field = rest.popFirst() else { throw RDataError(.missingField, type) }
        var magnitude = field
        let isBelow = field.count > 0 && text[field.start] == UInt8(ascii: "-")
        if isBelow { magnitude.start += 1 }
        let limit = isBelow ? -lowestAltitude : Int64(UInt32.max) + lowestAltitude
        guard let height = metres(text, magnitude, limit: UInt64(limit)) else {
            throw RDataError(.badLocation, type, text, field)
        }
        var location = LOC(
            latitude: latitude, longitude: longitude, altitude: isBelow ? -Int64(height) : Int64(height))
        for extent in [\LOC.size, \.horizontalPrecision, \.verticalPrecision] {
            guard let field = rest.popFirst() else { break }
            guard let value = metres(text, field, limit: Extent.limit).flatMap(Extent.init(centimetres:)) else {
                throw RDataError(.badLocation, type, text, field)
            }
            location[keyPath: extent] = value
        }
        wire.append(contentsOf: location.rdata.wire)
    }

    /// Reads degrees, perhaps minutes, perhaps seconds, and a hemisphere.
    private static func angle(
        _ text: Span<UInt8>, _ rest: inout ArraySlice<TextField>, _ type: RRType, degrees: UInt64,
        positive: StaticString, negative: StaticString
    ) throws(RDataError) -> Int32 {
        var total: Int32 = 0
        var parts = 0
        while let field = rest.popFirst() {
            let isNegative = text.matches(field, negative)
            if parts > 0, isNegative || text.matches(field, positive) {
                guard total <= Int32(degrees) * 3_600_000 else { throw RDataError(.badLocation, type, text, field) }
                return isNegative ? -total : total
            }
            let value: UInt64? =
                switch parts {
                case 0: text.decimal(field, limit: degrees).map { $0 * 3_600_000 }
                case 1: text.decimal(field, limit: 59).map { $0 * 60_000 }
                case 2: fixedPoint(text, field, places: 3, limit: 59_999)
                default: nil
                }
            guard let value else { throw RDataError(.badLocation, type, text, field) }
            total += Int32(value)
            parts += 1
        }
        throw RDataError(.missingField, type)
    }

    /// Metres with two places at most and perhaps an `m`, as centimetres.
    private static func metres(_ text: Span<UInt8>, _ field: TextField, limit: UInt64) -> UInt64? {
        var field = field
        if field.count > 1, ASCII.lower(text[field.end - 1]) == UInt8(ascii: "m") { field.end -= 1 }
        return fixedPoint(text, field, places: 2, limit: limit)
    }

    /// A decimal number times ten to the power of `places`.
    private static func fixedPoint(_ text: Span<UInt8>, _ field: TextField, places: Int, limit: UInt64) -> UInt64? {
        var point = field.start
        while point < field.end, text[point] != UInt8(ascii: ".") { point += 1 }
        var power: UInt64 = 1
        for _ in 0..<places { power *= 10 }
        let whole = TextField(start: field.start, end: point, isQuoted: false)
        guard var value = text.decimal(whole, limit: limit / power).map({ $0 * power }) else { return nil }
        if point < field.end {
            let fraction = TextField(start: point + 1, end: field.end, isQuoted: false)
            guard fraction.count <= places, var digits = text.decimal(fraction, limit: power) else { return nil }
            for _ in fraction.count..<places { digits *= 10 }
            value += digits
        }
        return value <= limit ? value : nil
    }

    /// Appends the text of a range that has been checked.
    ///
    /// - Returns: whether parsing it gives the same octets: not if the version is
    ///   unknown, or if nothing is written as zero times ten to some power.
    static func appendText(_ wire: [UInt8], _ range: Range<Int>, to text: inout [UInt8]) -> Bool {
        let start = range.lowerBound
        guard wire[start] == 0 else { return false }
        for i in 1...3 where wire[start + i] != 0 && wire[start + i] < 0x10 { return false }
        append(Int64(wire.network(at: start + 4, width: 4)) - equator, "N", "S", to: &text)
        append(Int64(wire.network(at: start + 8, width: 4)) - equator, "E", "W", to: &text)
        let altitude = Int64(wire.network(at: start + 12, width: 4)) + lowestAltitude
        if altitude < 0 { text.append(UInt8(ascii: "-")) }
        append(centimetres: altitude.magnitude, to: &text)
        for i in 1...3 {
            text.append(UInt8(ascii: " "))
            append(centimetres: Extent(rawValue: wire[start + i]).centimetres, to: &text)
        }
        return true
    }

    private static func append(
        _ angle: Int64, _ positive: StaticString, _ negative: StaticString, to text: inout [UInt8]
    ) {
        let total = angle.magnitude
        text.append(decimal: total / 3_600_000)
        text.append(UInt8(ascii: " "))
        text.append(decimal: total / 60_000 % 60)
        text.append(UInt8(ascii: " "))
        text.append(decimal: total / 1000 % 60)
        text.append(UInt8(ascii: "."))
        text.append(decimal: total % 1000, width: 3)
        text.append(UInt8(ascii: " "))
        text.append(ascii: angle < 0 ? negative : positive)
        text.append(UInt8(ascii: " "))
    }

    private static func append(centimetres: UInt64, to text: inout [UInt8]) {
        text.append(decimal: centimetres / 100)
        text.append(UInt8(ascii: "."))
        text.append(decimal: centimetres % 100, width: 2)
        text.append(UInt8(ascii: "m"))
    }
}
