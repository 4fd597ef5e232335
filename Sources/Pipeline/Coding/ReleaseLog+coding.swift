internal import SwiftProtobuf

extension ReleaseLog {
    public var encoded: [UInt8] {
        encode(
            Freshet_V1_ReleaseLog.with {
                $0.steps = steps.map { step in
                    .with {
                        $0.release = step.release
                        $0.presentation = step.presentation
                    }
                }
            })
    }

    public init(decoding octets: [UInt8]) throws(DecodingFault) {
        let steps = try decode(Freshet_V1_ReleaseLog.self, octets).steps.map { Step(release: $0.release, presentation: $0.presentation) }
        guard zip(steps, steps.dropFirst()).allSatisfy({ $0.release < $1.release && $0.presentation < $1.presentation }) else {
            throw DecodingFault("the numbers of releases do not rise")
        }
        self.init(steps: steps)
    }
}
