import DNSWire

// Compiled into one module with DNSWire and FuzzTarget by scripts/fuzz.sh.

/// Set once by the initializer, before the first input: libFuzzer runs one thread.
nonisolated(unsafe) private var target = FuzzTarget.message

@_cdecl("LLVMFuzzerInitialize")
public func initialize(
    _ count: UnsafeMutablePointer<Int32>, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>>>
) -> Int32 {
    // The program is called as its target.
    let path = String(cString: arguments.pointee[0])
    target = FuzzTarget(rawValue: String(path.split(separator: "/").last!))!
    return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    let octets = Array(UnsafeBufferPointer(start: start, count: count))
    if let fault = target.fault(octets) { fatalError(fault) }
    return 0
}
