public import DNSWire
internal import Foundation
internal import NIOCore

extension DNSClient {
    /// How to take a zone.
    public struct TransferOptions: Sendable {
        /// For all of it, what the caller does between two messages included.
        public var timeout: Duration = .seconds(3600)
        /// How long the server may send nothing, though we read.
        public var patience: Duration = .seconds(30)
        /// More are refused: a server need not ever end.
        public var mostRecords = 50_000_000
        /// The local address to ask from; any by default.
        public var source: String?

        public init() {}
    }

    /// All records of a zone, by AXFR over one connection (RFC 5936); see ``ZoneTransfer``.
    ///
    /// Nothing happens until the first batch is asked for.
    ///
    /// - Parameters:
    ///   - server: whoever has the zone and gives it to us.
    ///   - key: signs the request, and must have signed the answer (RFC 8945 §5.3.1).
    public func transfer(
        _ zone: Name, from server: Server, key: TSIGKey? = nil, _ options: TransferOptions = TransferOptions()
    ) -> ZoneTransfer {
        ZoneTransfer(zone: zone, server: server, key: key, options: options)
    }
}

/// A zone as it arrives: batches of records, the SOA first and once.
///
/// It is read as fast as it is asked for: what is held is one read of the connection, one
/// message, and with TSIG the messages that no signature has vouched for yet, at most 100.
/// The zone is whole only when the sequence ends without an error: what was given before
/// an error is a part of it. Leaving off early closes the connection.
public struct ZoneTransfer: AsyncSequence, Sendable {
    public typealias Element = [ResourceRecord]

    let zone: Name
    let server: DNSClient.Server
    let key: TSIGKey?
    let options: DNSClient.TransferOptions

    public func makeAsyncIterator() -> Iterator { Iterator(transfer: self) }

    public struct Iterator: AsyncIteratorProtocol {
        private let transfer: ZoneTransfer
        private var running: (connection: TransferConnection, reader: TransferReader, deadline: NIODeadline)?
        private var isEnded = false

        fileprivate init(transfer: ZoneTransfer) { self.transfer = transfer }

        /// The next records; `nil` when the zone is whole.
        ///
        /// - Throws: ``TransferError`` or `CancellationError`; then `nil` ever after.
        public mutating func next() async throws -> [ResourceRecord]? {
            guard !isEnded else { return nil }
            do {
                if running == nil { try await start() }
                while let octets = try await receive() {
                    let records = try take(octets)
                    if !records.isEmpty { return records }
                }
            } catch {
                end()
                throw error
            }
            end()
            return nil
        }

        private mutating func start() async throws {
            let options = transfer.options
            let deadline = NIODeadline.now() + .nanoseconds(options.timeout.nanoseconds)
            var reader = TransferReader(zone: transfer.zone, key: transfer.key, mostRecords: options.mostRecords)
            let request: [UInt8]
            do {
                request = try reader.request(id: .random(in: 0...UInt16.max), at: Self.now)
            } catch {
                throw TransferError(error, transfer.server)
            }
            let connection = TransferConnection(server: transfer.server)
            try await connection.open(request, from: options.source, by: Self.sooner(deadline, options.patience))
            running = (connection, reader, deadline)
        }

        /// The next message; `nil` if the last has been.
        private func receive() async throws -> [UInt8]? {
            guard let running, !running.reader.isComplete else { return nil }
            return try await running.connection.next(by: Self.sooner(running.deadline, transfer.options.patience))
        }

        private mutating func take(_ octets: [UInt8]) throws -> [ResourceRecord] {
            do {
                guard running != nil else { return [] }
                return try running!.reader.take(octets, at: Self.now)
            } catch {
                throw TransferError(error, transfer.server)
            }
        }

        private mutating func end() {
            isEnded = true
            running = nil
        }

        private static func sooner(_ deadline: NIODeadline, _ patience: Duration) -> NIODeadline {
            Swift.min(deadline, .now() + .nanoseconds(patience.nanoseconds))
        }

        private static var now: UInt64 { UInt64(Date().timeIntervalSince1970) }
    }
}

/// Why there is no zone, or only a part of one.
public struct TransferError: Error, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable {
        /// The server does not give us the zone (REFUSED).
        case refused
        /// The server does not have the zone, or does not take our signature (NOTAUTH).
        case notAuthoritative
        /// The server answers with another error; ``TransferError/responseCode`` has it.
        case failed
        /// The answer is not signed, or not well.
        case badSignature
        /// The connection ended before the zone.
        case cutShort
        /// It is not a zone: garbled, of another name, or it ends with another SOA than it began with.
        case malformed
        /// More records than are wanted.
        case tooLarge
        /// Too slow, or silent.
        case timeout
        /// No connection.
        case unreachable
        /// The server's address, or that to ask from, is none.
        case badAddress
    }

    public let code: Code
    public let server: DNSClient.Server
    public let message: String
    /// What the server said, if it was an error.
    public let responseCode: ResponseCode?

    init(_ code: Code, _ server: DNSClient.Server, _ message: String, _ responseCode: ResponseCode? = nil) {
        self.code = code
        self.server = server
        self.message = message
        self.responseCode = responseCode
    }

    init(_ fault: TransferFault, _ server: DNSClient.Server) {
        self.init(fault.code, server, fault.message, fault.responseCode)
    }

    /// Whether trying again may help with nothing changed.
    public var isRetriable: Bool {
        switch code {
        case .cutShort, .timeout, .unreachable, .failed: true
        default: false
        }
    }

    public var description: String { "\(server): \(message) (\(code.rawValue))" }
}
