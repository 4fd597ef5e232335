public import DNSWire
internal import Glibc

/// A directory of zone files, which `$INCLUDE` cannot leave.
///
/// Paths are followed part by part without symbolic links, so that neither a name
/// in a file nor a link put there leads outside, whatever changes meanwhile.
public final class ZoneDirectory: Sendable {
    private let descriptor: Int32
    private let path: String

    public init(_ path: String) throws(ZoneDirectoryError) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ZoneDirectoryError(path, errno) }
    }

    deinit { close(descriptor) }

    /// A reader of the zone file at `path`, which may include others of this directory.
    ///
    /// - Parameter path: relative to the directory, without `..`.
    public func reader(_ path: String, options: ZoneFileReader.Options) throws(ZoneDirectoryError) -> ZoneFileReader {
        ZoneFileReader(try text(path), options: options) { try self.text($0) }
    }

    /// The text of the file at `path`, read as it is asked for.
    public func text(_ path: String) throws(ZoneDirectoryError) -> ZoneText {
        let parts = path.split(separator: "/").map(String.init)
        guard !path.hasPrefix("/"), !parts.isEmpty, !parts.contains(".."), !path.utf8.contains(0) else {
            throw ZoneDirectoryError(path, EACCES)
        }
        var place = OpenFile(openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC))
        for (index, part) in parts.enumerated() {
            // Without O_NONBLOCK a pipe of that name would hold us for ever.
            let kind = index == parts.count - 1 ? O_NONBLOCK : O_DIRECTORY
            place = OpenFile(openat(place.descriptor, part, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | kind))
            guard place.descriptor >= 0 else { throw ZoneDirectoryError(path, errno) }
        }
        var status = stat()
        guard fstat(place.descriptor, &status) == 0 else { throw ZoneDirectoryError(path, errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw ZoneDirectoryError(path, EINVAL) }
        let file = place
        return ZoneText(name: path) { try file.read(named: path) }
    }
}

/// One descriptor, closed with its owner.
private final class OpenFile {
    let descriptor: Int32

    init(_ descriptor: Int32) { self.descriptor = descriptor }
    deinit { if descriptor >= 0 { close(descriptor) } }

    /// The next octets; `nil` at the end.
    func read(named path: String) throws(ZoneDirectoryError) -> [UInt8]? {
        var failure: Int32 = 0
        let octets = [UInt8](unsafeUninitializedCapacity: 1 << 18) { buffer, count in
            var got: Int
            repeat { got = Glibc.read(descriptor, buffer.baseAddress, buffer.count) } while got < 0 && errno == EINTR
            if got < 0 { failure = errno }
            count = max(0, got)
        }
        guard failure == 0 else { throw ZoneDirectoryError(path, failure) }
        return octets.isEmpty ? nil : octets
    }
}

/// Why a zone file cannot be read.
public struct ZoneDirectoryError: Error, Equatable, Sendable, CustomStringConvertible {
    public let path: String
    /// `errno`: `ELOOP` is a symbolic link, `EINVAL` no regular file.
    public let code: Int32

    init(_ path: String, _ code: Int32) {
        self.path = path
        self.code = code
    }

    public var description: String {
        switch code {
        case ELOOP, ENOTDIR: "\(path): a part of the path is no directory, or a symbolic link, and those are not followed"
        case EINVAL: "\(path): not a regular file"
        default: "\(path): \(String(cString: strerror(code)))"
        }
    }
}
