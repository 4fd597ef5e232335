import DNSWire
import Foundation
import ZoneFiles

/// Work for the clock: `Benchmarks/dnswire.sh` runs this beside its peers on the same octets.
@main struct Bench {
    static let usage = """
        usage: dnswire-bench messages FILE COUNT   make typical responses, framed as over TCP
               dnswire-bench zone FILE COUNT       make a zone file
               dnswire-bench view|parse|build MESSAGES ROUNDS
               dnswire-bench read ZONE             read records
               dnswire-bench copy ZONE             read records and write them to the output
        """

    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        guard let mode = arguments.first, let path = arguments.dropFirst().first else { fail(usage) }
        let number = arguments.count > 2 ? Int(arguments.last!) ?? 1 : 1
        switch mode {
        case "messages": try Data(Samples.messages(number)).write(to: URL(filePath: path))
        case "zone": try Samples.writeZone(number, to: path)
        case "view", "parse", "build": try messages(mode, path, rounds: number)
        case "read", "copy": try zone(path, copy: mode == "copy")
        default: fail(usage)
        }
    }

    static func fail(_ message: String) -> Never {
        FileHandle.standardError.write(Data("\(message)\n".utf8))
        exit(64)
    }

    static func messages(_ mode: String, _ path: String, rounds: Int) throws {
        let octets = [UInt8](try Data(contentsOf: URL(filePath: path)))
        var frames: [[UInt8]] = []
        var at = 0
        while at + 2 <= octets.count {
            let end = at + 2 + Int(octets[at]) << 8 + Int(octets[at + 1])
            frames.append(Array(octets[at + 2..<end]))
            at = end
        }
        var check = 0
        let parsed = mode == "build" ? try frames.map { try Message(wire: $0) } : []
        let start = ContinuousClock.now
        for _ in 0..<rounds {
            switch mode {
            case "view":
                for frame in frames {
                    let view = try MessageView(frame)
                    check += view.answers.count + view.authority.count
                }
            case "parse":
                for frame in frames {
                    let message = try Message(wire: frame)
                    check += message.answers.count + message.authority.count
                }
            default:
                for message in parsed { check += message.wire.count }
            }
        }
        report(rounds * frames.count, start, check)
    }

    static func zone(_ path: String, copy: Bool) throws {
        let url = URL(filePath: path)
        let directory = try ZoneDirectory(url.deletingLastPathComponent().path)
        let reader = try directory.reader(url.lastPathComponent, options: .init(origin: try Name("bench.test.")))
        var writer = ZoneFileWriter()
        var count = 0
        let start = ContinuousClock.now
        for item in reader {
            switch item {
            case .record(let record):
                count += 1
                guard copy else { continue }
                writer.write(record)
                if writer.octets.count > 1 << 18 { FileHandle.standardOutput.write(Data(writer.take())) }
            case .fault(let fault): throw fault
            }
        }
        FileHandle.standardOutput.write(Data(writer.take()))
        if !copy { report(count, start, count) }
    }

    static func report(_ count: Int, _ start: ContinuousClock.Instant, _ check: Int) {
        let seconds = start.duration(to: .now) / .seconds(1)
        print("{\"messages\": \(count), \"seconds\": \(seconds), \"check\": \(check)}")
    }
}
