import Foundation
import TestSupport
import Testing

@testable import Pipeline

@Suite struct CdbEditorTests {
    private func path(_ directory: TemporaryDirectory, _ octets: [UInt8]) throws -> String {
        let path = "\(directory.path)/data.cdb"
        try write(octets, to: path)
        return path
    }

    private func fragment(_ model: [[UInt8]: [[UInt8]]]) -> [UInt8] {
        var fragment = CdbFragment()
        for (key, values) in model { for data in values { fragment.append(key: key, data: data) } }
        return fragment.octets
    }

    /// Many changes in place, against a dictionary; the file is read as tinydns reads it.
    @Test(arguments: [1, 30, 3000])
    func asAModel(_ size: Int) throws {
        var random = Seeded(UInt64(size))
        let directory = try TemporaryDirectory("cdb-editor")
        // Keys from a small space: hashes and tables meet.
        func key(_ random: inout Seeded) -> [UInt8] { Array("k\(random.below(size * 2))".utf8) }
        var model: [[UInt8]: [[UInt8]]] = [:]
        for _ in 0..<size { model[key(&random), default: []].append(random.octets(1 + random.below(20))) }
        let file = try path(directory, try Cdb.assemble([fragment(model)]))
        let editor = try CdbEditor(file)
        var full = 0
        for _ in 0..<max(200, size) {
            let key = key(&random)
            switch random.below(4) {
            case 0, 1:
                let data = random.octets(1 + random.below(20))
                do {
                    try editor.insert(key: key, data: data)
                    model[key, default: []].append(data)
                } catch CdbError.full {
                    full += 1
                }
            case 2:
                guard let data = model[key]?.randomElement(using: &random) else {
                    #expect(try !editor.remove(key: key, data: [1, 2, 3]))
                    continue
                }
                #expect(try editor.remove(key: key, data: data))
                model[key]!.remove(at: model[key]!.firstIndex(of: data)!)
            default:
                guard let data = model[key]?.randomElement(using: &random) else { continue }
                let new = random.octets(random.chance(2) ? data.count : 1 + random.below(20))
                do {
                    #expect(try editor.replace(key: key, data, with: new))
                    model[key]![model[key]!.firstIndex(of: data)!] = new
                } catch CdbError.full {
                    full += 1
                    // What cannot be put back is gone, and the caller makes the file anew.
                    model[key]!.remove(at: model[key]!.firstIndex(of: data)!)
                }
            }
        }
        #expect(size < 3000 || full < 100, "tables of this size have room")
        let reader = try CdbReader([UInt8](Data(contentsOf: URL(filePath: file))))
        for number in 0..<size * 2 {
            let key = Array("k\(number)".utf8)
            let expected = Multiset(model[key] ?? [])
            #expect(Multiset(try reader.values(of: key).map(Array.init)) == expected)
            #expect(Multiset(try editor.values(of: key)) == expected)
        }
    }

    @Test func aTableWithoutRoomSaysSo() throws {
        let directory = try TemporaryDirectory("cdb-editor")
        let editor = try CdbEditor(try path(directory, try Cdb.assemble([])))
        #expect(throws: CdbError.full) { try editor.insert(key: [1], data: [2]) }
        #expect(try editor.values(of: [1]).isEmpty)
    }

    @Test func damagedFilesAreToldAndNotFollowed() throws {
        var random = Seeded(5)
        let directory = try TemporaryDirectory("cdb-editor")
        var fragment = CdbFragment()
        for i in 0..<50 { fragment.append(key: [UInt8(i)], data: [7]) }
        let good = try Cdb.assemble([fragment.octets])
        for _ in 0..<300 {
            var octets = good
            for _ in 0..<4 { octets[random.below(octets.count)] = UInt8(random.below(256)) }
            if random.chance(3) { octets.removeLast(random.below(octets.count)) }
            let file = try path(directory, octets)
            guard let editor = try? CdbEditor(file) else { continue }
            for i in 0..<50 {
                _ = try? editor.values(of: [UInt8(i)])
                try? editor.insert(key: [UInt8(i)], data: [8])
                _ = try? editor.remove(key: [UInt8(i)], data: [7])
            }
        }
    }
}
