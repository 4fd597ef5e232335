/// Decodes a ``Document`` as a `Decodable` type says; faults name lines.
///
/// The elements of a list, and the values of a dictionary, are judged one by one, so that
/// all faulty ones are reported together.
public enum DocumentDecoder {
    public static func decode<Value: Decodable>(_ type: Value.Type, from document: Document) throws(DocumentFaults) -> Value {
        try Reading(document: document, path: []).decode(type)
    }
}

/// One value in the making; a `Decoder` for the types that want one.
struct Reading: Decoder {
    let document: Document
    let path: [DocumentFaults.Step]

    var codingPath: [any CodingKey] { path.map { Key($0) } }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func fault(_ message: String) -> DocumentFaults { DocumentFaults(message, line: document.line, path: path) }

    func decode<Value: Decodable>(_ type: Value.Type) throws(DocumentFaults) -> Value {
        do {
            if let each = type as? any DecodedEach.Type { return try each.decodeEach(self) as! Value }
            return try Value(from: self)
        } catch let faults as DocumentFaults {
            throw faults
        } catch DecodingError.keyNotFound(let key, _) {
            throw fault("'\(key.stringValue)' is missing")
        } catch DecodingError.dataCorrupted(let context), DecodingError.typeMismatch(_, let context),
            DecodingError.valueNotFound(_, let context)
        {
            throw fault(context.debugDescription)
        } catch {
            throw fault("\(error)")
        }
    }

    func container<K: CodingKey>(keyedBy type: K.Type) throws -> KeyedDecodingContainer<K> {
        guard case .object(let members) = document.content else { throw fault("expected an object, found \(document.kind)") }
        return KeyedDecodingContainer(Members<K>(reading: self, members: members))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .list(let list) = document.content else { throw fault("expected a list, found \(document.kind)") }
        return Elements(reading: self, list: list)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { self }

    var isNil: Bool {
        switch document.content {
        case .null: true
        case .plain(let text), .field(let text): text.isEmpty
        default: false
        }
    }

    struct Key: CodingKey {
        var stringValue: String
        var intValue: Int?
        init(_ step: DocumentFaults.Step) {
            switch step {
            case .name(let name): stringValue = name
            case .index(let index): (stringValue, intValue) = (String(index), index)
            }
        }
        init(stringValue: String) { self.stringValue = stringValue }
        init(intValue: Int) { (stringValue, self.intValue) = (String(intValue), intValue) }
    }
}

/// Collections whose elements are judged each for itself.
private protocol DecodedEach {
    static func decodeEach(_ reading: Reading) throws -> Any
}

extension Array: DecodedEach where Element: Decodable {
    fileprivate static func decodeEach(_ reading: Reading) throws -> Any {
        guard case .list(let list) = reading.document.content else {
            throw reading.fault("expected a list, found \(reading.document.kind)")
        }
        var values: [Element] = []
        values.reserveCapacity(list.count)
        var faults: [DocumentFaults.Fault] = []
        for (index, element) in list.enumerated() {
            do throws(DocumentFaults) {
                values.append(try Reading(document: element, path: reading.path + [.index(index)]).decode(Element.self))
            } catch {
                faults += error.faults
            }
        }
        guard faults.isEmpty else { throw DocumentFaults(faults) }
        return values
    }
}

extension Dictionary: DecodedEach where Key == String, Value: Decodable {
    fileprivate static func decodeEach(_ reading: Reading) throws -> Any {
        guard case .object(let members) = reading.document.content else {
            throw reading.fault("expected an object, found \(reading.document.kind)")
        }
        var values: [String: Value] = [:]
        var faults: [DocumentFaults.Fault] = []
        for member in members {
            do throws(DocumentFaults) {
                values[member.name] = try Reading(document: member.value, path: reading.path + [.name(member.name)]).decode(Value.self)
            } catch {
                faults += error.faults
            }
        }
        guard faults.isEmpty else { throw DocumentFaults(faults) }
        return values
    }
}

extension Reading: SingleValueDecodingContainer {
    func decodeNil() -> Bool { isNil }

    func decode(_ type: Bool.Type) throws -> Bool {
        guard case .bool(let value) = document.resolved else { throw fault("expected true or false, found \(document.kind)") }
        return value
    }

    func decode(_ type: String.Type) throws -> String {
        switch document.content {
        case .string(let text), .plain(let text), .field(let text): return text
        default: throw fault("expected text, found \(document.kind)")
        }
    }

    func decode(_ type: Double.Type) throws -> Double {
        guard let value = Double(try number()), value.isFinite else { throw fault("not a number that fits") }
        return value
    }

    func decode(_ type: Float.Type) throws -> Float {
        guard let value = Float(try number()), value.isFinite else { throw fault("not a number that fits") }
        return value
    }

    func decode(_ type: Int.Type) throws -> Int { try integer() }
    func decode(_ type: Int8.Type) throws -> Int8 { try integer() }
    func decode(_ type: Int16.Type) throws -> Int16 { try integer() }
    func decode(_ type: Int32.Type) throws -> Int32 { try integer() }
    func decode(_ type: Int64.Type) throws -> Int64 { try integer() }
    func decode(_ type: UInt.Type) throws -> UInt { try integer() }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try integer() }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try integer() }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try integer() }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try integer() }

    private func number() throws -> String {
        guard case .number(let text) = document.resolved else {
            if case .field(let text) = document.content { throw fault("expected a number, found '\(text)'") }
            if case .plain(let text) = document.content { throw fault("expected a number, found '\(text)'") }
            throw fault("expected a number, found \(document.kind)")
        }
        return text
    }

    private func integer<Value: FixedWidthInteger>() throws -> Value {
        let text = try number()
        guard let value = Value(text) else {
            throw fault("expected a whole number from \(Value.min) to \(Value.max), found \(text)")
        }
        return value
    }
}

private struct Members<K: CodingKey>: KeyedDecodingContainerProtocol {
    let reading: Reading
    let members: [Document.Member]

    var codingPath: [any CodingKey] { reading.codingPath }
    var allKeys: [K] { members.compactMap { K(stringValue: $0.name) } }

    func contains(_ key: K) -> Bool { members.contains { $0.name == key.stringValue } }

    private func value(_ key: K) throws -> Reading {
        guard let member = members.first(where: { $0.name == key.stringValue }) else {
            throw reading.fault("'\(key.stringValue)' is missing")
        }
        return Reading(document: member.value, path: reading.path + [.name(member.name)])
    }

    func decodeNil(forKey key: K) throws -> Bool { try value(key).isNil }
    func decode<T: Decodable>(_ type: T.Type, forKey key: K) throws -> T { try value(key).decode(type) }
    func nestedContainer<N: CodingKey>(keyedBy type: N.Type, forKey key: K) throws -> KeyedDecodingContainer<N> {
        try value(key).container(keyedBy: type)
    }
    func nestedUnkeyedContainer(forKey key: K) throws -> any UnkeyedDecodingContainer { try value(key).unkeyedContainer() }
    func superDecoder() throws -> any Decoder { reading }
    func superDecoder(forKey key: K) throws -> any Decoder { try value(key) }
}

private struct Elements: UnkeyedDecodingContainer {
    let reading: Reading
    let list: [Document]
    var currentIndex = 0

    var codingPath: [any CodingKey] { reading.codingPath }
    var count: Int? { list.count }
    var isAtEnd: Bool { currentIndex == list.count }

    private mutating func next() throws -> Reading {
        guard !isAtEnd else { throw reading.fault("a list of \(list.count) is too short") }
        defer { currentIndex += 1 }
        return Reading(document: list[currentIndex], path: reading.path + [.index(currentIndex)])
    }

    mutating func decodeNil() throws -> Bool {
        guard !isAtEnd else { throw reading.fault("a list of \(list.count) is too short") }
        guard Reading(document: list[currentIndex], path: []).isNil else { return false }
        currentIndex += 1
        return true
    }
    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try next().decode(type) }
    mutating func nestedContainer<N: CodingKey>(keyedBy type: N.Type) throws -> KeyedDecodingContainer<N> {
        try next().container(keyedBy: type)
    }
    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { try next().unkeyedContainer() }
    mutating func superDecoder() throws -> any Decoder { try next() }
}
