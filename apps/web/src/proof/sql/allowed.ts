/** What a statement may contain (spec/execution.md, 3.1): what is not allowed is refused by every verifier. */

import { EvaluationError } from '../expressions/errors.ts';
import { UnavailableError } from '../values.ts';
import { folded, isCut, type Call, type Expr, type Query } from './syntax.ts';

/** The functions of spec/sql-functions.txt that are called by a name; a test holds the list against it. */
export const FUNCTIONS: readonly string[] = `
abs array_agg array_contains array_extract array_length array_slice array_to_string ascii avg bit_and
bit_count bit_or bit_xor bool_and bool_or ceil ceiling character_length chr concat concat_ws contains
count count_if count_star cume_dist date_diff date_part date_sub date_trunc datediff datepart datesub
datetrunc day dayname dayofmonth dayofweek dayofyear dense_rank ends_with epoch epoch_ms first flatten
floor gcd generate_series greatest hour ilike_escape instr isfinite isinf isnan isodow isoyear json
json_array json_array_length json_contains json_exists json_extract json_extract_path
json_extract_path_text json_extract_string json_keys json_object json_type json_valid json_value last
last_day lcase lcm least left len length levenshtein like_escape list list_concat list_contains
list_extract list_has list_position list_reverse list_slice list_sort list_value lower lpad ltrim
make_date make_timestamp max md5 median microsecond millisecond min minute mod month monthname
not_ilike_escape not_like_escape nullif percent_rank position prefix quantile_disc quarter range rank
regexp_extract regexp_extract_all regexp_full_match regexp_matches regexp_replace regexp_split_to_array
repeat replace reverse right round rpad rtrim second sha256 sign split_part sqrt starts_with strftime
string_agg string_split strip_accents strlen strpos strptime struct_extract struct_pack substr substring
suffix sum to_days to_hours to_json to_minutes to_months to_seconds to_weeks to_years translate trim
trunc try_strptime ucase unicode unnest upper week weekofyear year`
  .trim()
  .split(/\s+/);

const IS_ALLOWED: ReadonlySet<string> = new Set([...FUNCTIONS, 'coalesce']);
// The engine's parser makes something else than a function of these.
const REWRITTEN: ReadonlySet<string> = new Set(
  'coalesce columns construct_array grouping grouping_id ifnull map show struct try tuple unpack'.split(' '),
);
const ORDERED: ReadonlySet<string> = new Set(['list', 'array_agg', 'string_agg', 'first', 'last']);
const NO_COLUMNS: ReadonlySet<string> = new Set(
  `current_catalog current_database current_date current_role current_schema current_time current_timestamp
  current_user localtime localtimestamp session_user today user`.split(/\s+/),
);
const OF_THE_CATALOG = ['duckdb_', 'pg_', 'pragma_', 'sqlite_'];
// A level here is at most five levels of the engine's tree, which may have 600.
const MAX_DEPTH = 100;

/** True for a name that only the engine's own catalog may have. */
export function isOfTheCatalog(name: string): boolean {
  return OF_THE_CATALOG.some((start) => folded(name).startsWith(start));
}

/** Throws EvaluationError for what is not allowed over `tables`, and UnavailableError where that is not known. */
export function checkAllowed(query: Query, tables: readonly string[]): void {
  const nodes = [...nodesOf(query)];
  const queries = nodes.flatMap((node) => ('ctes' in node ? node.ctes.map(({ name }) => folded(name)) : []));
  for (const name of queries) {
    if (isOfTheCatalog(name)) throw new EvaluationError(`refused: the name ${name} of a query of WITH`);
  }
  const known = new Set([...queries, ...tables.map(folded)]);
  for (const node of nodes) {
    if (node.kind === 'call') checkCall(node);
    else if (node.kind === 'table' && !known.has(folded(node.name))) {
      throw new EvaluationError(`refused: the table ${JSON.stringify(node.name)}`);
    } else if (
      node.kind === 'column' &&
      node.names.length === 1 &&
      NO_COLUMNS.has(folded(node.names[0] as string))
    ) {
      throw new EvaluationError(`refused: the name ${node.names[0]}`);
    } else if ('limit' in node) checkCut(node);
  }
}

/** True where one of these functions is called. */
export function hasCall(query: Query, names: readonly string[]): boolean {
  return [...nodesOf(query)].some((node) => node.kind === 'call' && names.includes(node.name));
}

function checkCall({ name, orders, over }: Call): void {
  checkFunction(name);
  if (ORDERED.has(name) && !orders.length) throw new EvaluationError(`refused: ${name} without ORDER BY`);
  if (ORDERED.has(name) && over) throw new UnavailableError(`${name} over a window`);
}

export function isAllowed(name: string): boolean {
  return IS_ALLOWED.has(name);
}

/** Throws EvaluationError for the name of a function that is not on the list. */
export function checkFunction(name: string): void {
  if (IS_ALLOWED.has(name)) return;
  if (REWRITTEN.has(name)) throw new UnavailableError(`the function ${name}`);
  throw new EvaluationError(`refused: the function ${name}`);
}

function checkCut(query: Query): void {
  if (isCut(query) && !query.orders.length && !query.orderAll) {
    throw new EvaluationError('refused: a LIMIT or OFFSET without ORDER BY');
  }
}

type Node = { readonly kind: string } & (Call | Query | NamedNode | OtherNode);
type NamedNode =
  | { readonly kind: 'table'; readonly name: string }
  | { readonly kind: 'column'; readonly names: readonly string[] };
type OtherNode = Exclude<Expr, { kind: 'call' | 'column' }> | { readonly kind: 'derived' | 'join' };

/** Every part of the tree that has a kind. */
function* nodesOf(root: Query): Generator<Node> {
  let level: unknown[] = [root];
  for (let depth = 0; level.length; depth++) {
    if (depth > MAX_DEPTH) throw new UnavailableError(`more than ${MAX_DEPTH} levels`);
    const below: unknown[] = [];
    for (const value of level) {
      if (typeof value !== 'object' || value === null) continue;
      if ('kind' in value) yield value as Node;
      for (const part of Object.values(value)) below.push(part);
    }
    level = below;
  }
}
