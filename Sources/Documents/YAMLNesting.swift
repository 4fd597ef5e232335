internal import CYaml

extension YAMLReader {
    /// The line (from 1) of the first value of `text` that is nested deeper than `limit`; `nil` if
    /// none is, or if a fault of the text comes first.
    ///
    /// For texts that a reader is to see that calls itself for each level, and has a stack that ends.
    public static func line(in text: String, nestedDeeperThan limit: Int) -> Int? {
        var text = text
        return text.withUTF8 { octets in
            var parser = yaml_parser_t()
            guard yaml_parser_initialize(&parser) == 1 else { return nil }
            defer { yaml_parser_delete(&parser) }
            yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
            yaml_parser_set_input_string(&parser, octets.baseAddress, octets.count)
            var depth = 0
            while true {
                var event = yaml_event_t()
                guard yaml_parser_parse(&parser, &event) == 1 else { return nil }
                defer { yaml_event_delete(&event) }
                switch event.type {
                case YAML_SEQUENCE_START_EVENT, YAML_MAPPING_START_EVENT:
                    depth += 1
                    if depth > limit { return Int(event.start_mark.line) + 1 }
                case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: depth -= 1
                case YAML_STREAM_END_EVENT, YAML_NO_EVENT: return nil
                default: break
                }
            }
        }
    }
}
