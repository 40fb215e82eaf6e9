"""The functions and operators that a statement may call: each a function of its arguments, alike on every machine.

These are the names of `spec/sql-functions.txt`; a test holds them equal. What is not here reads a clock, a file or a
setting, draws by chance, depends on the order of rows, or rounds as the machine's mathematical library does (ADR 12).
"""

from __future__ import annotations

__all__ = ["ALLOWED_FUNCTIONS"]

ALLOWED_FUNCTIONS = frozenset(
    {
        *("!~~", "!~~*", "%", "&", "*", "+", "-", "->>", "/", "//", "<<", ">>", "abs", "array_agg"),
        *("array_contains", "array_extract", "array_length", "array_slice", "array_to_string", "ascii", "avg"),
        *("bit_and", "bit_count", "bit_or", "bit_xor", "bool_and", "bool_or", "ceil", "ceiling", "character_length"),
        *("chr", "concat", "concat_ws", "contains", "count", "count_if", "count_star", "cume_dist", "date_diff"),
        *("date_part", "date_sub", "date_trunc", "datediff", "datepart", "datesub", "datetrunc", "day", "dayname"),
        *("dayofmonth", "dayofweek", "dayofyear", "dense_rank", "ends_with", "epoch", "epoch_ms", "first", "flatten"),
        *("floor", "gcd", "generate_series", "greatest", "hour", "ilike_escape", "instr", "isfinite", "isinf"),
        *("isnan", "isodow", "isoyear", "json", "json_array", "json_array_length", "json_contains", "json_exists"),
        *("json_extract", "json_extract_path", "json_extract_path_text", "json_extract_string", "json_keys"),
        *("json_object", "json_type", "json_valid", "json_value", "last", "last_day", "lcase", "lcm", "least"),
        *("left", "len", "length", "levenshtein", "like_escape", "list", "list_concat", "list_contains"),
        *("list_extract", "list_has", "list_position", "list_reverse", "list_slice", "list_sort", "list_value"),
        *("lower", "lpad", "ltrim", "make_date", "make_timestamp", "max", "md5", "median", "microsecond"),
        *("millisecond", "min", "minute", "mod", "month", "monthname", "not_ilike_escape", "not_like_escape"),
        *("nullif", "percent_rank", "position", "prefix", "quantile_disc", "quarter", "range", "rank"),
        *("regexp_extract", "regexp_extract_all", "regexp_full_match", "regexp_matches", "regexp_replace"),
        *("regexp_split_to_array", "repeat", "replace", "reverse", "right", "round", "rpad", "rtrim"),
        *("second", "sha256", "sign", "split_part", "sqrt", "starts_with", "strftime", "string_agg", "string_split"),
        *("strip_accents", "strlen", "strpos", "strptime", "struct_extract", "struct_pack", "substr", "substring"),
        *("suffix", "sum", "to_days", "to_hours", "to_json", "to_minutes", "to_months", "to_seconds", "to_weeks"),
        *("to_years", "translate", "trim", "trunc", "try_strptime", "ucase", "unicode", "unnest", "upper", "week"),
        *("weekofyear", "year", "|", "||", "~~", "~~*", "~~~"),
    }
)
