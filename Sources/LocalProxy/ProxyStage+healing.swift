internal import Foundation
internal import Logging
internal import Pipeline

/// Getting back to a good state: what is damaged here is made anew of what is not, or fetched.
extension ProxyStage {
    /// Compares all of the database with the verified files that it is made of, now and then:
    /// one name that is answered rightly says nothing of the others.
    func scrubRegularly() async {
        while !Task.isCancelled {
            guard (try? await Task.sleep(for: settings.scrub)) != nil else { return }
            await scrub()
        }
    }

    private func scrub() async {
        guard let state = deployed, !isDeploying else { return }
        let path = settings.database, contents = contents, fragments = state.listing.fragments
        // Beside all else, and with what was live when it began.
        let snapshot = try? [UInt8](Data(contentsOf: URL(filePath: path)))
        guard deployed?.signed == state.signed, !isDeploying else { return }
        let damage = await Task.detached(priority: .background) { () -> String? in
            guard let snapshot, let database = try? CdbReader(snapshot) else { return "it cannot be read" }
            for file in fragments {
                guard let octets = try? contents.octets(of: file) else { return "\(file.path), which it is made of, is damaged" }
                var isWhole = true
                try? CdbFragment.walk(octets) { _, key, data in
                    let values = (try? database.values(of: Array(key))) ?? []
                    if !values.contains(where: { $0.elementsEqual(data) }) { isWhole = false }
                }
                if !isWhole { return "it lacks records of \(file.path)" }
            }
            return nil
        }.value
        logger.debug("scrubbed", metadata: ["damage": "\(damage ?? "none")", "octets": "\(snapshot?.count ?? -1)"])
        if let damage, deployed?.signed == state.signed, !isDeploying { heal(damage) }
    }

    /// Counts probes in a row in which tinydns did not show a stamp of ours at all.
    func heed(_ check: StampCheck) {
        switch check {
        case .fresh, .stale, .future:
            silentProbes = 0
        case .missing, .invalid, .unreachable:
            silentProbes += 1
            // Once, then seldom: it may not be the database.
            if silentProbes % 30 == 3, !isDeploying { heal("tinydns does not answer from it: \(check.fault ?? "")") }
        }
    }

    private func heal(_ why: String) {
        guard let state = deployed else { return }
        statistics.repairs += 1
        logger.error("the database is damaged: it is made anew", metadata: ["why": "\(why)"])
        do {
            try makeDatabase(of: state)
            try database.settle(isAnswered: false)
        } catch {
            // What it is made of is damaged, too. What tinydns has stays until that is here again.
            logger.error("files of the release are damaged: they are fetched anew", metadata: ["error": "\(error)"])
            forgetDeployed()
        }
    }
}
