internal import Dispatch

/// Runs an actor on a serial queue of its own, since every call into libtorrent
/// may wait for its thread, and ending a session takes seconds: neither may
/// hold up the cooperative pool.
final class QueueExecutor: SerialExecutor {
    let queue: DispatchQueue

    init(label: String) { queue = DispatchQueue(label: label) }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}
