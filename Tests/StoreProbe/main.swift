// A process for the tests to kill: takes a lease or leads, says so, and waits; or writes.
//
//     store-probe lease|lead LOCATION KEY VALUE [SESSION-MILLISECONDS]
//     store-probe write LOCATION KEY COUNT
//     store-probe show LOCATION KEY -

import Pipeline
import ZooKeeper

let arguments = CommandLine.arguments
guard arguments.count >= 5 else { fatalError("usage: store-probe lease|lead|write|show LOCATION KEY VALUE [MILLISECONDS]") }
let timeout = Duration.milliseconds(arguments.count > 5 ? Int(arguments[5]) ?? 4000 : 4000)
let store: any Store =
    arguments[2].hasPrefix("zookeeper:")
    ? try ZooKeeperStore(arguments[2], sessionTimeout: timeout) : try EmbeddedStore(directory: arguments[2])
let key = try StoreKey(arguments[3])
switch arguments[1] {
case "write": try await write(Int(arguments[4]) ?? 1, at: key, in: store)
case "show": try await show(key, in: store)
default:
    let value = Array(arguments[4].utf8)
    let lease = try await arguments[1] == "lead" ? store.lead(key, value: value) : store.lease(key, value: value)
    // Written straight away: print would keep it in a buffer.
    try writeLine("held")
    await lease.untilLost()
    try writeLine("lost")
}
