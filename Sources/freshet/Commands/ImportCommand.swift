import ArgumentParser
import DNSWire
import Exchange
import Foundation

struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Brings zones over from other tools and servers, as files for the site's edits.",
        discussion: """
            Every record is either written or refused, with its file and line; refusals do not stop the rest \
            unless --strict. One file a zone is written (of tinydns one for all); none is overwritten without --force. \
            The files can as well be put into edits/ as they are (docs/import.md).

            Exit status: 0 all is written that can be, 1 something cannot be read or written, 2 records are refused \
            (--strict, --check).

            EXAMPLES
              freshet import /etc/bind/zones --to edits                   zone files
              freshet import axfr://192.0.2.1/example.net --key transfer.key --to edits
              freshet import config/ --from octodns --to edits            octoDNS' directory
              freshet import /etc/tinydns/root/data --format tinydns --to edits
              dnscontrol print-ir > ir.json; freshet import ir.json --to edits
            """)
    @Argument(help: "Files, directories of files, and zones of servers: axfr://SERVER[:PORT]/ZONE.") var paths: [String]
    @Option(help: "zone, octodns, dnscontrol or tinydns; by default each file's name and beginning say.") var from: ReadFormat?
    @Option(help: "The zone that the files are of; by default the files say. Of files with many zones the one to take.")
    var zone: String?
    @Option(help: "The TSIG key to ask servers with: a file as tsig-keygen writes it.") var key: String?
    @Option(help: "The directory to write to, such as the site's edits.") var to: String?
    @Option(help: "What to write: zone, octodns or tinydns.") var format: WrittenFormat = .zone
    @Flag(help: "Write nothing: say what would be, and end with 2 if a record is refused.") var check = false
    @Flag(help: "Write nothing if a record is refused.") var strict = false
    @Flag(help: "Overwrite files that are there.") var force = false
    @Flag(help: "For machines.") var json = false

    func validate() throws {
        guard check != (to != nil) else { throw ValidationError("--to DIRECTORY or --check: one or the other") }
        guard key == nil || paths.contains(where: TransferSource.isOne) else { throw ValidationError("--key: there is no axfr:// to ask with it") }
    }

    func run() async throws {
        let apex = try zone.map { text in
            do { return try Name(text) } catch { throw ValidationError("--zone: \(error)") }
        }
        let servers = try paths.filter(TransferSource.isOne).map { try TransferSource($0) }
        let secret = try key.map(TransferSource.key)
        var (holding, faults) = Import(format: from?.format, zone: apex).read(paths.filter { !TransferSource.isOne($0) })
        for server in servers {
            do {
                holding.merge(try await server.read(key: secret))
            } catch {
                faults.append(ImportFault(file: server.text, message: "\(error)"))
            }
        }
        let export = check ? nil : Export(holding, format: format.format)
        let refusals = holding.refusals + (export?.refusals ?? [])
        var report = ExchangeReport(
            read: holding.read, records: holding.count, map: holding.map.count, refusals: refusals, notes: holding.notes + (export?.notes ?? []),
            faults: faults.map(\.description))
        if let export, let to, faults.isEmpty, !(strict && !refusals.isEmpty) {
            report.files = try ExchangeReport.write(export.files, to: to, force: force)
        }
        try report.show(json: json)
        let code: Int32 = !faults.isEmpty ? 1 : (strict || check) && !refusals.isEmpty ? 2 : 0
        // A million records would be given back one by one to a system that takes all at once.
        withExtendedLifetime((holding, export)) {
            fflush(nil)
            _exit(code)
        }
    }
}

/// What is read.
enum ReadFormat: String, ExpressibleByArgument, CaseIterable {
    case zone, octodns, dnscontrol, tinydns
    var format: ExchangeFormat {
        switch self {
        case .zone: .zone
        case .octodns: .octodns
        case .dnscontrol: .dnscontrol
        case .tinydns: .tinydns
        }
    }
}

/// What is written.
enum WrittenFormat: String, ExpressibleByArgument, CaseIterable {
    case zone, octodns, tinydns
    var format: ExchangeFormat {
        switch self {
        case .zone: .zone
        case .octodns: .octodns
        case .tinydns: .tinydns
        }
    }
}
