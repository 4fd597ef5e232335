import ArgumentParser

/// The command line: `freshet COMMAND`.
@main
struct Freshet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "freshet",
        abstract: "DNS configuration that is never stale.",
        discussion: """
            Rules generate records from inventory; people edit them; each change becomes a signed \
            release that travels to every server by BitTorrent, and a timestamp TXT record read \
            back through the name servers says how fresh the answers are.

            All commands read one file (--config, pipeline.yaml by default). Any of its values can \
            be given by --set key=value or in the environment (FRESHET_PROXY_HOST for proxy.host).

            EXAMPLES
              freshet plan --config pipeline.yaml      what the working tree would change
              freshet run --config pipeline.yaml       every stage in one process
              freshet timeline                         where the last change spent its time
              freshet check --zone example.net         how fresh the answers here are
            """,
        version: "0.1.0",
        groupedSubcommands: [
            CommandGroup(
                name: "STAGES",
                subcommands: [
                    RunCommand.self, ConfiguratorCommand.self, PresenterCommand.self, PublisherCommand.self, ProxyCommand.self, RegistrarCommand.self, TransferCommand.self, VipCommand.self,
                ]),
            CommandGroup(
                name: "CHANGES",
                subcommands: [PlanCommand.self, ApplyCommand.self, ValidateCommand.self, CompileCommand.self, SnapshotCommand.self, RegisterCommand.self, DeregisterCommand.self, EmergencyCommand.self, RulesCommand.self]),
            CommandGroup(
                name: "ROLLOUT",
                subcommands: [RolloutCommand.self, FreezeCommand.self, ThawCommand.self, RollbackCommand.self]),
            CommandGroup(name: "COMING AND GOING", subcommands: [ImportCommand.self, ExportCommand.self]),
            CommandGroup(
                name: "LOOKING",
                subcommands: [
                    StatusCommand.self, TimelineCommand.self, ConflictsCommand.self, ExplainCommand.self, HistoryCommand.self,
                    DiffCommand.self, ShowCommand.self, DataCommand.self,
                    WaitCommand.self, CheckCommand.self,
                ]),
            CommandGroup(name: "KEYS", subcommands: [KeysCommand.self]),
        ])
}
