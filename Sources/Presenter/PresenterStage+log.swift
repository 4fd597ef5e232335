internal import Logging
internal import Pipeline
internal import Validation

extension PresenterStage {
    func log(_ presentation: Manifest, _ emergencies: [Emergency]) {
        logger.info(
            "presented",
            metadata: [
                "presentation": "\(presentation.number)", "records": "\(presentation.count)",
                "conflicts": "\(presentation.conflicts)", "cause": "\(presentation.trace.cause)",
            ])
        for emergency in emergencies {
            let what: Logger.Metadata = ["rrset": "\(emergency.edit.key)", "person": "\(emergency.edit.origin.person)"]
            if let fault = emergency.fault {
                logger.error("an emergency edit is not in force: \(fault)", metadata: what)
            } else {
                logger.warning("an emergency edit is in force", metadata: what)
            }
        }
    }

    /// What one change costs every stage is its shard: with large ones a pipeline falls behind at
    /// a rate that it keeps up with otherwise (docs/performance.md).
    func logLargeShards(_ presentation: Manifest) {
        guard presentation.count / presentation.sharding.count > 1500 else { return }
        let better = min(4096, presentation.sharding.count * 4)
        logger.notice(
            "shards are large, and each change writes one anew: set 'shards' to \(better) and restart all stages",
            metadata: ["records": "\(presentation.count)", "shards": "\(presentation.sharding.count)"])
    }

    /// New errors and warnings by name, unless all of a presentation is new.
    func log(_ update: StandingValidation.Update, of presentation: Manifest) {
        let number: Logger.Metadata = ["presentation": "\(presentation.number)"]
        if !update.isWhole {
            for finding in update.appeared.sorted(by: { $0.level > $1.level }).prefix(Self.mostLogged) where finding.level > .advice {
                let what: Logger.Metadata = ["rrset": "\(finding.key)", "code": "\(finding.code)", "source": "\(finding.origin)"]
                logger.log(level: finding.level == .error ? .error : .warning, "\(finding.message)", metadata: what.merging(number) { $1 })
            }
        }
        let counts: Logger.Metadata = ["names": "\(update.judged)", "appeared": "\(update.appearedCount)", "vanished": "\(update.vanished)"]
        logger.debug("judged", metadata: counts.merging(number) { $1 })
    }

    /// The others are counted.
    private static let mostLogged = 20
}
