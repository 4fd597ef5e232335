/// What the fields of a line say, and what is odd in them.
extension DataScanner where Sink: ~Copyable {
    mutating func common(_ fields: inout FieldReader, ttl: UInt64) -> Common {
        let whole = number(fields.next(), ttl, most: 0x7FFF_FFFF, "TTL")
        let timestamp = self.timestamp(fields.next())
        let location = self.location(fields.next())
        noteRest(fields)
        if let now, timestamp != 0, timestamp < now, UInt32(truncatingIfNeeded: whole) == 0 {
            note(.expired, "the record has ended: it is not served")
        }
        return Common(ttl: whole, timestamp: timestamp, location: location)
    }

    @inline(__always)
    mutating func readOwner(_ name: Octets) -> Bool {
        if name.isEmpty { note(.emptyName, "no name: the record is at the root") }
        let oddities = owner.readName(name)
        return oddities.isEmpty || noteOddities(oddities, name, "name")
    }

    mutating func readTarget(_ name: Octets, _ what: StaticString) -> Bool {
        noteOddities(target.readName(name), name, what)
    }

    /// A name without a dot is completed: `a` to `a.ns.NAME`.
    mutating func readTarget(_ name: Octets, completedBy middle: StaticString, _ owner: Octets) -> Bool {
        guard !name.contains(UInt8(ascii: ".")) else { return readTarget(name, "server's name") }
        text.clear()
        text.append(name)
        text.append(middle)
        text.append(owner)
        // The owner's own oddities were told.
        return noteOddities(target.readName(text.octets).subtracting([.emptyLabel, .badEscape]), text.octets, "server's name")
    }

    @inline(__always)
    mutating func number(_ field: Octets, _ normal: UInt64, most: UInt64, _ what: StaticString) -> UInt64 {
        if field.isEmpty { return normal }
        let (value, end) = field.number()
        if end == field.count, value <= most, end < 20 { return value }
        return oddNumber(field, normal, most: most, what)
    }

    private mutating func oddNumber(_ field: Octets, _ normal: UInt64, most: UInt64, _ what: StaticString) -> UInt64 {
        let (value, end) = field.number()
        guard end > 0 else {
            note(.badNumber, "\(what) '\(field.text)' is no number: \(normal) is taken")
            return normal
        }
        if end < field.count {
            note(.badNumber, "\(what) '\(field.text)' is taken for \(value)")
        }
        if value > most || end > 19 { note(.numberOutOfRange, "\(what) \(field.text) is over \(most)") }
        return value
    }

    /// `nil` if there is none; what follows an address is ignored, and numbers lose their upper bits.
    @inline(__always)
    mutating func address(_ field: Octets) -> UInt32? {
        var address: UInt32 = 0
        var at = 0, isOdd = false
        for i in 0..<4 {
            if i > 0 {
                guard at < field.count, field[at] == UInt8(ascii: ".") else { return nil }
                at += 1
            }
            let (value, end) = field.number(from: at)
            guard end > at else { return nil }
            isOdd = isOdd || value > 255 || end - at > 19
            address = address << 8 | UInt32(UInt8(truncatingIfNeeded: value))
            at = end
        }
        if isOdd || at < field.count {
            note(
                isOdd ? .addressOutOfRange : .noAddress,
                "'\(field.text)' is taken for \(address >> 24).\(address >> 16 & 255).\(address >> 8 & 255).\(address & 255)")
        }
        return address
    }

    @inline(__always)
    mutating func timestamp(_ field: Octets) -> UInt64 {
        if field.isEmpty { return 0 }
        var value: UInt64 = 0
        var isOdd = field.count != 16
        for i in 0..<16 {
            var digit: UInt8 = 0
            if i < field.count {
                switch field[i] {
                case 0x30...0x39: digit = field[i] - 0x30
                case 0x61...0x66: digit = field[i] - 0x61 + 10
                default: isOdd = true
                }
            }
            value = value << 4 | UInt64(digit)
        }
        if isOdd { note(.badTimestamp, "'\(field.text)' is no timestamp of 16 digits 0-9, a-f") }
        return value
    }

    @inline(__always)
    mutating func location(_ field: Octets) -> (UInt8, UInt8) {
        if field.isEmpty { return (0, 0) }
        if field.count > 2 { note(.longLocation, "only two octets of the location '\(field.text)' count") }
        return (field[0], field.count > 1 ? field[1] : 0)
    }

    // MARK: Notes

    mutating func noteRest(_ fields: FieldReader) {
        if !fields.rest.isEmpty { note(.extraField, "'\(fields.rest.text)' is ignored: the line has too many fields") }
    }

    /// Whether there is something to go on with.
    @discardableResult
    mutating func noteOddities(_ oddities: Oddities, _ field: Octets, _ what: StaticString) -> Bool {
        if oddities.isEmpty { return true }
        if oddities.contains(.labelTooLong) { note(.labelTooLong, "a label of the \(what) '\(field.text)' is over 63 octets") }
        if oddities.contains(.nameTooLong) { note(.nameTooLong, "the \(what) '\(field.text)' is over 255 octets") }
        if oddities.contains(.emptyLabel) { note(.emptyLabel, "empty labels of the \(what) '\(field.text)' are left out") }
        if oddities.contains(.badEscape) {
            note(.badEscape, "in the \(what) '\(field.text)' a backslash stands at the end, or before more than \\377")
        }
        return oddities.isDisjoint(with: .faults)
    }

    mutating func note(_ code: DataProblem.Code, _ message: @autoclosure () -> String, lost: Int = 0) {
        var lost = lost
        if code.level == .fault {
            // A line is lost once, however much is wrong with it.
            lost = faultyLine == line ? 0 : 1
            faultyLine = line
        }
        report.add(DataProblem(code, line: line, message(), lost: lost))
    }
}

extension DataProblem {
    /// An octet for people.
    static func described(_ octet: UInt8) -> String {
        (0x21...0x7E).contains(octet) ? "'\(Unicode.Scalar(octet))'" : octet == 0x20 ? "a space" : "octet \(octet)"
    }
}
