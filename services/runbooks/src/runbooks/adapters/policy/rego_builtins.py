"""The Rego builtins that a policy may use: functions of their arguments, no clock, no network.

These are the names of `spec/rego-builtins.txt`; a test holds them equal.
"""

from __future__ import annotations

__all__ = ["ALLOWED_BUILTINS"]

# fmt: off
ALLOWED_BUILTINS = frozenset([
    "abs", "and", "array.concat", "array.flatten",
    "array.reverse", "array.slice", "base64.decode", "base64.encode",
    "base64url.decode", "base64url.encode", "base64url.encode_no_pad", "bits.and",
    "bits.lsh", "bits.negate", "bits.or", "bits.rsh",
    "bits.xor", "ceil", "concat", "contains",
    "count", "crypto.hmac.equal", "crypto.hmac.md5", "crypto.hmac.sha1",
    "crypto.hmac.sha256", "crypto.hmac.sha512", "crypto.md5", "crypto.sha1",
    "crypto.sha256", "div", "endswith", "equal",
    "floor", "glob.match", "glob.quote_meta", "graph.reachable",
    "graph.reachable_paths", "gt", "gte", "hex.decode",
    "indexof", "indexof_n", "internal.member_2", "internal.member_3",
    "internal.template_string", "intersection", "is_array", "is_boolean",
    "is_null", "is_number", "is_object", "is_set",
    "is_string", "json.filter", "json.is_valid", "json.marshal",
    "json.marshal_with_options", "json.patch", "json.remove", "json.unmarshal",
    "lower", "lt", "lte", "minus",
    "mul", "neq", "numbers.range", "numbers.range_step",
    "object.filter", "object.get", "object.keys", "object.remove",
    "object.subset", "object.union", "object.union_n", "or",
    "plus", "regex.find_all_string_submatch_n", "regex.find_n", "regex.globs_match",
    "regex.is_valid", "regex.match", "regex.replace", "regex.split",
    "rem", "replace", "round", "semver.compare",
    "semver.is_valid", "split", "startswith", "strings.any_prefix_match",
    "strings.any_suffix_match", "strings.count", "strings.replace_n", "strings.reverse",
    "substring", "time.parse_duration_ns", "time.parse_rfc3339_ns", "to_number",
    "trim", "trim_left", "trim_prefix", "trim_right",
    "trim_space", "trim_suffix", "type_name", "union",
    "units.parse", "units.parse_bytes", "upper", "uri.is_valid",
    "uri.parse", "urlquery.encode", "urlquery.encode_object", "uuid.parse",
    "walk", "yaml.is_valid", "yaml.unmarshal",
])
# fmt: on
