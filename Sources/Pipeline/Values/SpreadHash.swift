/// Spreads texts evenly over 64 bits, the same in every process, whatever the texts look
/// like: FNV-1a, and the end of splitmix64. Not for what an adversary chooses.
package enum SpreadHash {
    package static func of(_ parts: String...) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for part in parts {
            // Texts end where they end: "ab", "c" is not "a", "bc".
            for octet in part.utf8 { hash = (hash ^ UInt64(octet)) &* 0x100_0000_01b3 }
            hash = hash &* 0x100_0000_01b3
        }
        hash = (hash ^ (hash >> 30)) &* 0xbf58_476d_1ce4_e5b9
        hash = (hash ^ (hash >> 27)) &* 0x94d0_49bb_1331_11eb
        return hash ^ (hash >> 31)
    }
}
