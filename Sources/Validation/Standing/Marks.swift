internal import DNSWire
internal import Pipeline

/// A finding in few octets: enough to count it and to tell it from others.
struct Mark: Hashable, Sendable {
    var fault: UInt8
    var level: UInt8
    var type: UInt16
    /// Of its message and origin.
    var hash: UInt32
    /// The waivers in force that cover it, as ``Waiving`` numbers them.
    var waived: UInt16 = 0

    init?(_ finding: Finding) {
        guard case .fault(let code) = finding.code, let place = Self.places[code] else { return nil }
        fault = place
        level = UInt8(Level.allCases.firstIndex(of: finding.level) ?? 0)
        type = finding.key.type.rawValue
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func add(_ octets: some Sequence<UInt8>) { for octet in octets { hash = (hash ^ UInt64(octet)) &* 0x100_0000_01B3 } }
        add(finding.message.utf8)
        add(finding.origin.source.utf8)
        add(finding.origin.file.utf8)
        add([UInt8(truncatingIfNeeded: finding.origin.line), UInt8(truncatingIfNeeded: finding.origin.line >> 8)])
        add(finding.key.location?.bytes ?? [])
        self.hash = UInt32(truncatingIfNeeded: hash ^ hash >> 32)
    }

    var isWaived: Bool { waived > 0 }
    var fingerprint: UInt64 { UInt64(hash) << 32 | UInt64(type) << 16 | UInt64(fault) << 8 | UInt64(level) << 4 | (isWaived ? 1 : 0) }
    var code: Fault { Fault.allCases[Int(fault)] }

    private static let places = Dictionary(uniqueKeysWithValues: Fault.allCases.enumerated().map { ($0.element, UInt8($0.offset)) })
}

/// The marks of names: lists through one array, whose free entries are used again.
struct MarkLists: Sendable {
    private var all: [(mark: Mark, next: UInt32)] = []
    private var free = NameGraph.none

    mutating func add(_ mark: Mark, to head: inout UInt32) {
        if free == NameGraph.none {
            all.append((mark, head))
            head = UInt32(all.count - 1)
        } else {
            let place = free
            free = all[Int(place)].next
            all[Int(place)] = (mark, head)
            head = place
        }
    }

    /// Takes a whole list away.
    mutating func remove(_ head: inout UInt32) -> [Mark] {
        var marks: [Mark] = []
        while head != NameGraph.none {
            let (mark, next) = all[Int(head)]
            marks.append(mark)
            all[Int(head)].next = free
            free = head
            head = next
        }
        return marks
    }

    func marks(_ head: UInt32) -> [Mark] {
        var marks: [Mark] = []
        var place = head
        while place != NameGraph.none {
            marks.append(all[Int(place)].mark)
            place = all[Int(place)].next
        }
        return marks
    }
}
