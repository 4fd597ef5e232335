/// Reads a zone file (RFC 1035 §5) item by item, in memory that does not grow with it.
///
/// Takes `$ORIGIN`, `$INCLUDE`, `$TTL` (RFC 2308 §4) and BIND's `$GENERATE`,
/// parentheses, comments, escapes, TTLs with units, and unknown types and classes
/// (RFC 3597). A fault costs the entry it is in: reading goes on with the next
/// line, so that one pass finds all faults.
///
/// Whether the records make up a sound zone (one SOA, owners within the apex) is
/// not for a reader to say.
public struct ZoneFileReader: Sequence, IteratorProtocol {
    /// Bounds and defaults.
    public struct Options: Sendable {
        /// What completes relative names until `$ORIGIN` says otherwise.
        public var origin: Name = .root
        /// The TTL, in seconds, until the file names one; `nil`: the file must.
        public var ttl: UInt32?
        /// The class of the zone; records of others are faults.
        public var rrClass: RRClass = .in
        /// How deep files may include others.
        public var includeDepth = 16
        /// How many files may be included in all.
        public var includeLimit = 4096
        /// How many records all `$GENERATE` of a zone together may make; by default as
        /// many as a network of eight bits has addresses.
        public var generateLimit = 1 << 24
        /// How long one entry may be, in octets of text.
        public var entryLimit = 1 << 20

        /// The defaults, with this origin.
        public init(origin: Name = .root) { self.origin = origin }
    }

    private struct Frame {
        var input: ZoneInput
        /// What the including file goes on with (RFC 1035 §5.1).
        var origin: Name
        var owner: Name?
    }

    private let options: Options
    private let include: ((String) throws -> ZoneText)?
    private var input: ZoneInput
    private var including: [Frame] = []
    private var parser: ZoneEntryParser
    private var fields: [TextField] = []
    private var generation: ZoneGeneration?
    private var generated = 0
    private var included = 0
    private var lastPosition: (line: Int, file: String)

    /// - Parameters:
    ///   - text: the file to start with.
    ///   - options: bounds and defaults.
    ///   - include: opens a file for `$INCLUDE`. Its path is relative to the root
    ///     of the zone files, `/` between its parts, without `.` and `..`: a path
    ///     that leaves the root is refused before. Symbolic links are for the
    ///     caller to stop. Without it `$INCLUDE` is a fault.
    public init(_ text: ZoneText, options: Options = Options(), include: ((String) throws -> ZoneText)? = nil) {
        self.options = options
        self.include = include
        input = ZoneInput(text, entryLimit: options.entryLimit)
        parser = ZoneEntryParser(origin: options.origin, ttl: options.ttl, rrClass: options.rrClass)
        lastPosition = (1, text.name)
    }

    /// Where the item that ``next()`` gave last begins.
    public var position: ZonePosition { ZonePosition(file: lastPosition.file, line: lastPosition.line, column: 1) }

    /// The origin in force.
    public var origin: Name { parser.origin }

    /// The next record or fault; `nil` at the end of the file.
    public mutating func next() -> ZoneItem? {
        while true {
            if let item = nextGenerated() { return item }
            let entry: ZoneInput.Entry
            do throws(ZoneFault) {
                guard let next = try input.next(into: &fields) else {
                    guard let frame = including.popLast() else { return nil }
                    input = frame.input
                    parser.origin = frame.origin
                    parser.owner = frame.owner
                    continue
                }
                entry = next
            } catch {
                lastPosition = (error.position.line, error.position.file)
                return .fault(error)
            }
            guard !fields.isEmpty else { continue }
            lastPosition = (entry.line, input.name)
            do throws(ZoneEntryParser.Failure) {
                let outcome = try input.parse(entry, fields[...], with: &parser)
                switch outcome {
                case .nothing: continue
                case .record(let record): return .record(record)
                case .generate(let generation):
                    guard generation.count <= options.generateLimit - generated else {
                        throw ZoneEntryParser.Failure(
                            .badDirective, "this makes \(generated + generation.count) records by $GENERATE, at most \(options.generateLimit)",
                            at: entry.start)
                    }
                    generated += generation.count
                    self.generation = generation
                case .include(let path, let origin, let at): try open(path, origin: origin, at: at)
                }
            } catch {
                return .fault(input.fault(error, in: entry))
            }
        }
    }

    private mutating func nextGenerated() -> ZoneItem? {
        guard var going = generation else { return nil }
        defer { generation = going.isAtEnd ? nil : going }
        do throws(ZoneEntryParser.Failure) {
            guard let record = try going.next(&parser) else { return nil }
            return .record(record)
        } catch {
            // What failed once would fail a million times.
            going.abandon()
            let position = ZonePosition(file: lastPosition.file, line: lastPosition.line, column: 1)
            return .fault(ZoneFault(code: error.code, position: position, message: error.message))
        }
    }

    private mutating func open(_ path: String, origin: Name, at: Int) throws(ZoneEntryParser.Failure) {
        func refuse(_ why: String) -> ZoneEntryParser.Failure { .init(.include, "'\(path)': \(why)", at: at) }
        guard let include else { throw refuse("no files can be included here") }
        guard including.count < options.includeDepth else {
            throw refuse("files include each other more than \(options.includeDepth) deep")
        }
        guard included < options.includeLimit else { throw refuse("more than \(options.includeLimit) files are included") }
        guard let resolved = ZoneInput.resolve(path, from: input.name) else { throw refuse("it is outside the root of the zone files") }
        guard resolved != input.name, !including.contains(where: { $0.input.name == resolved }) else {
            throw refuse("it includes itself")
        }
        let text: ZoneText
        do { text = try include(resolved) } catch { throw refuse("\(error)") }
        included += 1
        including.append(Frame(input: input, origin: parser.origin, owner: parser.owner))
        input = ZoneInput(ZoneText(name: resolved, read: text.read), entryLimit: options.entryLimit)
        parser.origin = origin
    }
}
