import Glibc

func writeLine(_ text: String) throws {
    let bytes = Array((text + "\n").utf8)
    guard write(STDOUT_FILENO, bytes, bytes.count) == bytes.count else { throw CancellationError() }
}
