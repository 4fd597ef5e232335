internal import Dispatch

/// Tells when files or directories may have changed. Event driven (inotify); no
/// polling, no thread of its own per stream.
public enum FileWatcher {
    /// Ticks at once, and again whenever one of `paths` may have changed.
    ///
    /// A path may be a file, a directory (whose entries, not their content, are
    /// watched too, one level deep), or nothing yet. Every directory on the way is
    /// watched for the one name that matters there, and symbolic links are
    /// followed: it does not matter whether a file is rewritten, replaced by
    /// rename, reached through a link that is switched, or appears long after with
    /// the directories above it.
    ///
    /// A tick means "look again": at most one waits, and it may be spurious. A file
    /// that is rewritten in place ticks when the writer closes it. Changes made by
    /// other machines on a network file system are not seen. Where the kernel
    /// refuses more watches, the stream ticks once a second instead.
    ///
    /// Ends when the consuming task is cancelled.
    ///
    /// - Parameter recursively: whether directories are watched at every depth (links
    ///   and hidden ones inside them apart).
    public static func changes(of paths: [String], recursively: Bool = false) -> AsyncStream<Void> {
        open(paths, recursively: recursively).stream
    }

    /// A stream, and what ends it.
    static func open(_ paths: [String], recursively: Bool = false) -> (stream: AsyncStream<Void>, finish: @Sendable () -> Void) {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let subscription = Inotify.shared.subscribe(paths, recursively: recursively) { continuation.yield() }
        continuation.onTermination = { _ in Inotify.shared.unsubscribe(subscription) }
        return (stream, { continuation.finish() })
    }
}
