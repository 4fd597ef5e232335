public import DNSWire
internal import NIOCore
internal import NIOPosix

/// Asks name servers: UDP, then TCP if the answer was cut (RFC 7766 §5).
///
/// Thousands of queries may be under way at once. Each takes a socket that is new or
/// one of many, chosen at random, and a random id; an answer counts only if it comes
/// from the server's address to that socket with that id, the same question and, if
/// the query was signed, a good signature (RFC 5452 §9). All else is dropped, and
/// waiting goes on. (An error may come without the question, from a server that could
/// not read it, unless ``Options/mixesCase`` asks for its letters.)
public struct DNSClient: Sendable {
    /// A server's address.
    public struct Server: Hashable, Sendable, CustomStringConvertible {
        /// An IPv4 or IPv6 literal.
        public var host: String
        public var port: Int

        public init(host: String, port: Int = 53) {
            self.host = host
            self.port = port
        }

        public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
    }

    /// How to ask.
    public struct Options: Sendable {
        /// For everything together: all tries, UDP and TCP.
        public var timeout: Duration = .seconds(5)
        /// How long the first try over UDP may stay without an answer before the next
        /// is sent; doubled from try to try. Late answers to earlier tries count too.
        public var patience: Duration = .milliseconds(800)
        /// How often a query is sent over UDP at most; several servers get it in turns.
        public var tries = 4
        /// Whether to use TCP from the start.
        public var overTCP = false
        /// Whether each letter of the question is sent in a random case, and an answer
        /// has to repeat it ("0x20": draft-vixie-dnsext-dns0x20). Few servers fold the case.
        public var mixesCase = false
        /// The local address to ask from; any by default.
        public var source: String?
        /// Signs the query; the answer has to be signed with it too (RFC 8945).
        public var key: TSIGKey?

        public init() {}
    }

    private let group: any EventLoopGroup
    private let sockets: SocketPool

    /// A client on the process's shared event loops.
    ///
    /// - Parameter sockets: how many UDP sockets are opened before queries share them:
    ///   with few queries under way each has its own. More are opened only for other
    ///   local addresses, and where thousands of queries share each already.
    public init(sockets: Int = 64) {
        group = MultiThreadedEventLoopGroup.singleton
        self.sockets = SocketPool(group: group, limit: sockets)
    }

    /// One query of class IN.
    ///
    /// - Parameters:
    ///   - timeout: for all tries together.
    ///   - source: the local address to ask from; any by default.
    /// - Throws: ``DNSClientError``, or `CancellationError`.
    public func query(
        _ name: Name, _ type: RRType, at server: Server, recursionDesired: Bool = false,
        timeout: Duration = .seconds(2), source: String? = nil
    ) async throws -> Message {
        var options = Options()
        options.timeout = timeout
        options.source = source
        return try await ask(.query(name, type, id: 0, recursionDesired: recursionDesired), at: [server], options)
    }

    /// Sends a message with one question and gives the answer to it, whatever its
    /// response code; its id is chosen anew for each try.
    ///
    /// - Parameter servers: at least one; each try goes to the next, those over TCP too.
    /// - Throws: ``DNSClientError``, or `CancellationError`.
    public func ask(_ message: Message, at servers: [Server], _ options: Options = Options()) async throws -> Message {
        guard let first = servers.first else { preconditionFailure("a query needs a server to go to") }
        let deadline = NIODeadline.now() + .nanoseconds(options.timeout.nanoseconds)
        let source = try options.source.map { try Self.address(.init(host: $0, port: 0)) }
        let addresses = try servers.map { server in (server, try Self.address(server)) }
        if let source, let other = addresses.first(where: { $0.1.protocol != source.protocol }) {
            throw DNSClientError(.badAddress, other.0, "it cannot be reached from \(options.source ?? "")")
        }
        var message = message
        if options.mixesCase { message.questions = message.questions.map { $0.withRandomCase() } }
        var truncatedBy: Server?
        if !options.overTCP {
            let query = UDPQuery(message: message, options: options, deadline: deadline, loop: group.next(), sockets: sockets)
            let (answer, server) = try await query.run(addresses)
            if !answer.flags.contains(.truncated) { return answer }
            truncatedBy = server
        }
        let ordered = truncatedBy.map { server in [server] + servers.filter { $0 != server } } ?? servers
        var failure = DNSClientError(.timeout, first, "no answer")
        for (index, server) in ordered.enumerated() where deadline > .now() {
            // One that hangs leaves the others their share of the time.
            let share = NIODeadline.now() + .nanoseconds((deadline - .now()).nanoseconds / Int64(ordered.count - index))
            do {
                let query = TCPQuery(message: message, options: options, server: server, deadline: share)
                return try await query.run(on: group, to: try Self.address(server), from: source)
            } catch let error as DNSClientError {
                failure = error
            }
        }
        throw failure
    }

    private static func address(_ server: Server) throws(DNSClientError) -> SocketAddress {
        do {
            return try SocketAddress(ipAddress: server.host, port: server.port)
        } catch {
            throw DNSClientError(.badAddress, server, "\(error)")
        }
    }
}

/// Why there is no answer.
public struct DNSClientError: Error, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable {
        /// Nobody answered in time.
        case timeout
        /// No connection, or it was closed; no socket could be had.
        case unreachable
        /// All that came in time was not an answer: garbled, to another question, or not signed well.
        case malformed
        /// The server's address, or that to ask from, is none; or they are of different families.
        case badAddress
        /// No message can hold what is to be sent.
        case unsendable
    }

    public let code: Code
    public let server: DNSClient.Server
    public let message: String

    init(_ code: Code, _ server: DNSClient.Server, _ message: String) {
        self.code = code
        self.server = server
        self.message = message
    }

    /// Whether asking again may help.
    public var isRetriable: Bool { code != .badAddress && code != .unsendable }
    public var description: String { "\(server): \(message) (\(code.rawValue))" }
}

extension Duration {
    /// Whole nanoseconds, at most a century's: enough to wait for, and far from overflow.
    var nanoseconds: Int64 {
        let seconds = min(max(components.seconds, 0), 3_153_600_000)
        return seconds * 1_000_000_000 + max(0, components.attoseconds) / 1_000_000_000
    }
}

extension Question {
    /// The same question in other letters.
    fileprivate func withRandomCase() -> Question {
        var bits = SystemRandomNumberGenerator()
        let wire = name.wire.map { octet in
            // Length octets are below the letters.
            let letter = octet | 0x20
            return (0x61...0x7A).contains(letter) ? octet ^ (bits.next() & 1 == 0 ? 0 : 0x20) : octet
        }
        var question = self
        question.name = (try? Name(wire: wire)) ?? name
        return question
    }
}
