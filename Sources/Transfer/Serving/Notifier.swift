internal import DNSClient
internal import DNSWire
internal import Logging
internal import Pipeline

/// Tells secondaries that zones changed (RFC 1996), a bounded number at a time. Of a zone
/// that changes while a server is being told of it, the server is told the newest.
actor Notifier {
    struct Notice: Hashable, Sendable {
        var server: DNSClient.Server
        var zone: ZoneView
    }

    /// What is told.
    struct News: Sendable {
        var key: TSIGKey?
        /// The SOA record.
        var start: ResourceRecord
    }

    private let settings: TransferSettings.Notifying
    private let statistics: TransferStatistics
    private let logger: Logger
    private let client = DNSClient()
    private var waiting: [Notice] = []
    private var news: [Notice: News] = [:]
    private var running: Set<Notice> = []
    private var tasks: [Notice: Task<Void, Never>] = [:]
    /// Servers that did not acknowledge the last that they were told.
    private(set) var failing: Set<Notice> = []

    private static let most = 64

    init(settings: TransferSettings.Notifying, statistics: TransferStatistics, logger: Logger) {
        self.settings = settings
        self.statistics = statistics
        self.logger = logger
    }

    func tell(_ notices: [(Notice, News)]) {
        for (notice, news) in notices {
            if self.news.updateValue(news, forKey: notice) == nil { waiting.append(notice) }
        }
        start()
    }

    func stop() {
        for task in tasks.values { task.cancel() }
        (waiting, news) = ([], [:])
    }

    private func start() {
        var later: [Notice] = []
        while running.count < Self.most, let notice = waiting.popLast() {
            // One zone's news go to a server one after another.
            if running.contains(notice) {
                later.append(notice)
            } else if let news = news.removeValue(forKey: notice) {
                running.insert(notice)
                tasks[notice] = Task { await self.tell(notice, news) }
            }
        }
        waiting += later
    }

    private func tell(_ notice: Notice, _ news: News) async {
        let outcome = await deliver(notice, news)
        running.remove(notice)
        tasks[notice] = nil
        guard !Task.isCancelled else { return }
        if let outcome {
            statistics.count(outcome)
            if outcome == .acknowledged { failing.remove(notice) } else { failing.insert(notice) }
        }
        start()
    }

    /// An error that the server answers is final: it will say so again (RFC 1996 §3.6).
    ///
    /// - Returns: `nil` if there is something newer to tell.
    private func deliver(_ notice: Notice, _ news: News) async -> TransferStatistics.Notice? {
        var message = Message(id: 0, opcode: .notify, flags: .authoritative)
        message.questions = [Question(name: notice.zone.zone, type: .soa)]
        message.answers = [news.start]
        var options = DNSClient.Options()
        (options.timeout, options.tries, options.source, options.key) = (settings.timeout, 1, settings.source, news.key)
        var fault = ""
        for attempt in 0...max(0, settings.retries) {
            if attempt > 0 { try? await Task.sleep(for: settings.interval) }
            if Task.isCancelled || self.news[notice] != nil { return nil }
            do {
                let answer = try await client.ask(message, at: [notice.server], options)
                if answer.responseCode == .noError { return .acknowledged }
                log(notice, "\(answer.responseCode)")
                return .error
            } catch {
                fault = "\(error)"
            }
        }
        log(notice, fault)
        return .timeout
    }

    private func log(_ notice: Notice, _ fault: String) {
        logger.log(
            level: failing.contains(notice) ? .debug : .warning, "a server was not told of a change",
            metadata: ["server": "\(notice.server)", "zone": "\(notice.zone)", "error": "\(fault)"])
    }
}
