"""Python's jsonschema as a second opinion: {"schema": text, "instance": text} a line in,
{"valid": bool} a line out; formats are asserted."""
import json
import sys

import jsonschema

for line in sys.stdin:
    question = json.loads(line)
    schema, instance = json.loads(question["schema"]), json.loads(question["instance"])
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    print(json.dumps({"valid": validator.is_valid(instance)}))
