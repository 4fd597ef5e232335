import Foundation

/// Secrets that come in the environment.
enum SecretVariable {
    /// The variable's value, which is there no more afterwards: neither for daemons and other
    /// children, nor for who looks at /proc/PID/environ, which shows the octets that the
    /// process was given (proc(5)).
    static func take(_ name: String) -> String? {
        guard let value = ProcessInfo.processInfo.environment[name] else { return nil }
        if let octets = getenv(name) { memset(octets, 0, strlen(octets)) }
        unsetenv(name)
        return value
    }
}
