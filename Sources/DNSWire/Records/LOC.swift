/// Where something is on earth (RFC 1876).
public struct LOC: RDataValue {
    public static let type = RRType.loc

    /// Thousandths of an arc-second, north positive; 90° = 324,000,000 at most.
    public var latitude: Int32
    /// Thousandths of an arc-second, east positive; 180° = 648,000,000 at most.
    public var longitude: Int32
    /// Centimetres above the WGS 84 ellipsoid, from −10,000,000 to 4,284,967,295.
    public var altitude: Int64
    /// The diameter of a sphere that encloses it.
    public var size: Extent
    /// The diameter of the circle that it is in, for all the error of latitude and longitude.
    public var horizontalPrecision: Extent
    /// The whole height of what the altitude may be off by, not plus or minus.
    public var verticalPrecision: Extent

    /// The sizes that RFC 1876 §3 takes if they are not given: 1 m, 10 km and 10 m.
    public init(
        latitude: Int32, longitude: Int32, altitude: Int64, size: Extent = Extent(rawValue: 0x12),
        horizontalPrecision: Extent = Extent(rawValue: 0x16), verticalPrecision: Extent = Extent(rawValue: 0x13)
    ) {
        self.latitude = latitude
        self.longitude = longitude
        self.altitude = altitude
        self.size = size
        self.horizontalPrecision = horizontalPrecision
        self.verticalPrecision = verticalPrecision
    }

    /// A length with one significant digit: the high half of the octet times ten to the
    /// power of the low half, in centimetres (RFC 1876 §2).
    public struct Extent: RawRepresentable, Hashable, Sendable {
        /// Both halves from 0 to 9.
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// The length with its lower digits cut off; `nil` above 90,000 km.
        public init?(centimetres: UInt64) {
            guard centimetres <= Self.limit else { return nil }
            var digit = centimetres
            var power: UInt8 = 0
            while digit >= 10 {
                digit /= 10
                power += 1
            }
            rawValue = UInt8(digit) << 4 | power
        }

        /// The length in centimetres, up to 9,000,000,000 if both halves are at most 9.
        public var centimetres: UInt64 {
            (0..<rawValue & 15).reduce(UInt64(rawValue >> 4)) { value, _ in value * 10 }
        }

        static let limit: UInt64 = 9_000_000_000
    }

    static let equator: Int64 = 1 << 31
    static let lowestAltitude: Int64 = -10_000_000
    static let rightAngle: Int64 = 90 * 3_600_000

    /// - Throws: also for a version other than 0, of which nothing is known.
    public init(_ rdata: RData) throws(RDataError) {
        guard rdata.wire.first == 0 else { throw RDataError(.malformed, .loc) }
        var fields = try CheckedReader(rdata, .loc)
        _ = fields.u8()
        size = Extent(rawValue: fields.u8())
        horizontalPrecision = Extent(rawValue: fields.u8())
        verticalPrecision = Extent(rawValue: fields.u8())
        latitude = Int32(Int64(fields.u32()) - Self.equator)
        longitude = Int32(Int64(fields.u32()) - Self.equator)
        altitude = Int64(fields.u32()) + Self.lowestAltitude
    }

    /// Values out of range are cut down to what there is room for.
    public var rdata: RData {
        var wire = [0, size.rawValue, horizontalPrecision.rawValue, verticalPrecision.rawValue]
        wire.append(network: UInt32(Int64(latitude) + Self.equator))
        wire.append(network: UInt32(Int64(longitude) + Self.equator))
        wire.append(network: UInt32(min(max(altitude, Self.lowestAltitude), Int64(UInt32.max) + Self.lowestAltitude) - Self.lowestAltitude))
        return RData(opaque: wire)
    }
}

extension WireReader {
    /// Steps over LOC data; of versions other than 0 nothing is known (RFC 1876 §2).
    mutating func checkLocation() throws(WireError) {
        let start = offset
        guard try u8() == 0 else {
            _ = takeRest()
            return
        }
        for _ in 0..<3 {
            let extent = try u8()
            guard extent >> 4 <= 9, extent & 15 <= 9 else { throw WireError(.badLabel, start) }
        }
        for limit in [LOC.rightAngle, 2 * LOC.rightAngle] {
            guard abs(Int64(try u32()) - LOC.equator) <= limit else { throw WireError(.badLabel, start) }
        }
        try take(4)
    }
}
