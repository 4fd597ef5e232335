import Pipeline

/// One numbered value after the other, each with a blob that it names; says of each what became of it.
///
/// The value is `NUMBER DIGEST NUMBER,NUMBER,… .`: one that is torn shows.
func write(_ count: Int, at key: StoreKey, in store: any Store) async throws {
    for number in 1...count {
        do {
            let before = try await store.read(key)
            let octets = Array(String(repeating: "blob \(number) ", count: 300).utf8)
            let blob = try await store.put([octets])[0]
            let text = "\(number) \(blob.hex) \(String(repeating: "\(number),", count: 300))."
            try await store.write(Array(text.utf8), at: key, expecting: before?.version)
            try writeLine("wrote \(number)")
        } catch let error as StoreError {
            try writeLine("failed \(number) \(error)")
        }
    }
}

/// Prints the value, and whether the blob that it names is there and whole.
func show(_ key: StoreKey, in store: any Store) async throws {
    guard let stored = try await store.read(key) else { return try writeLine("nothing") }
    let text = String(decoding: stored.value, as: UTF8.self)
    let digest = text.split(separator: " ").dropFirst().first.flatMap { Digest(hex: String($0)) }
    var blob = "no blob"
    if let digest, try await store.get(digest) != nil { blob = "whole" }
    try writeLine("\(blob) \(text)")
}
