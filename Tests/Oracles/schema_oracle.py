"""Python's jsonschema as a second opinion: {"yaml": text} or {"json": text} a line in,
{"faults": [...]} a line out. The argument is the schema's path."""
import json
import re
import sys

import jsonschema
import yaml


class Loader(yaml.SafeLoader):
    """Scalars as YAML 1.2 has them: no dates, no yes and no."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag.endswith((":int", ":null"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))

with open(sys.argv[1]) as file:
    schema = json.load(file)
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)

for line in sys.stdin:
    try:
        request = json.loads(line)
        document = json.loads(request["json"]) if "json" in request else yaml.load(request["yaml"], Loader)
        faults = [error.message for error in validator.iter_errors(document)]
    except yaml.YAMLError as error:
        faults = [str(error)]
    print(json.dumps({"faults": faults}))
