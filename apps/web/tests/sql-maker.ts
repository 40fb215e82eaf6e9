/** Makes tables and statements over them, most of which have rows, some of which are refused or fail. */

import type { Json, JsonObject } from '../src/proof/json/value.ts';
import type { Chance } from './peer.ts';

const TEXTS = [
  'a',
  'b',
  'B',
  'ab',
  'a_c',
  '',
  ' a ',
  'Ärger',
  '😀x',
  'O"Neil',
  "it's",
  '%',
  'zz',
  '\uffff',
  'a%b',
];
const NUMERALS = [
  '12',
  '-3',
  ' 7 ',
  '2.5',
  '-0.5',
  'x',
  '',
  '1e3',
  'true',
  'no',
  '+4',
  '.5',
  '007',
  '12a',
  '2026-02-03',
];
const DOUBLES = [0.1, 0.2, 0.3, 0.7, -1.5, 2.5, 3, 0, 1e-7, 123456.789, 0.1, 0.1, 1e15, -0.3];
const NESTED: Json[] = [
  [1, 2],
  { a: 1 },
  { a: { b: 'x' } },
  [{ k: null }],
  'a',
  5,
  true,
  { a: [0.5, 'y'] },
  [],
];

/** The inputs of one statement: a table `t` and a table `u`. */
export function tables(chance: Chance): JsonObject {
  const isFlat = chance.below(6) === 0;
  const doubles = chance.below(4) ? DOUBLES : [chance.pick(DOUBLES)];
  const maybe = (value: Json, odds = 5): Json => (chance.below(odds) ? value : null);
  const t = Array.from({ length: isFlat ? chance.below(40) : chance.below(7) }, (_, at) => ({
    id: at + 1,
    n: maybe(chance.below(5) - 2),
    x: maybe(chance.pick(doubles)),
    k: maybe(chance.pick(TEXTS.slice(0, 3 + chance.below(TEXTS.length - 3)))),
    s: maybe(chance.pick(NUMERALS)),
    b: maybe(chance.below(2) === 0),
    j: maybe(chance.pick(NESTED)),
    big: chance.below(9) ? chance.below(10) : 9_007_199_254_740_991,
    user: 'u',
  }));
  const u = Array.from({ length: chance.below(6) }, () => ({
    id: maybe(1 + chance.below(4)),
    k: maybe(chance.pick(TEXTS)),
    v: maybe(chance.pick(TEXTS)),
    w: maybe(chance.pick(DOUBLES)),
  }));
  return { t, u } as unknown as JsonObject;
}

/** Columns that are always there, whatever the rows are. */
export const COLUMNS = {
  t: {
    id: 'BIGINT',
    n: 'BIGINT',
    x: 'DOUBLE',
    k: 'VARCHAR',
    s: 'VARCHAR',
    b: 'BOOLEAN',
    j: 'JSON',
    big: 'BIGINT',
    user: 'VARCHAR',
  },
  u: { id: 'BIGINT', k: 'VARCHAR', v: 'VARCHAR', w: 'DOUBLE' },
};

type Names = Readonly<Record<'whole' | 'double' | 'text' | 'condition' | 'json', readonly string[]>>;

const OF_T: Names = {
  whole: ['id', 'n', 'big'],
  double: ['x'],
  text: ['k', 's'],
  condition: ['b'],
  json: ['j'],
};
const OF_BOTH: Names = {
  whole: ['t.id', 'n', 'u.id', 't.big'],
  double: ['x', 'w', 'u.w'],
  text: ['t.k', 'v', 's', 'u.k'],
  condition: ['b', 't.b'],
  json: ['j'],
};

/** A statement over these tables. */
export function statement(chance: Chance): string {
  return new Maker(chance).statement();
}

class Maker {
  private readonly chance: Chance;
  private names: Names = OF_T;

  constructor(chance: Chance) {
    this.chance = chance;
  }

  statement(): string {
    const kind = this.chance.below(30);
    if (kind === 0) return this.odd();
    if (kind === 1) return `WITH c AS (${this.select(false)}) SELECT * FROM c`;
    if (kind === 2) return `SELECT count(*) AS n FROM (${this.select(false)}) q`;
    if (kind === 3) return this.union();
    if (kind === 4) return `SELECT q.c0 AS z, count(*) AS n FROM (${this.select(false)}) AS q GROUP BY ALL`;
    return this.spaced(this.select(true));
  }

  private one<T>(...items: readonly T[]): T {
    return this.chance.pick(items);
  }

  private some(odds: number, text: () => string): string {
    return this.chance.below(odds) === 0 ? text() : '';
  }

  private spaced(text: string): string {
    if (this.chance.below(10) === 0) return text.replace(' FROM ', '\n-- note\nfrom /* x */ ');
    return this.chance.below(12) === 0 ? `${text};` : text;
  }

  private union(): string {
    const kinds = ['whole', 'double', 'text'] as const;
    const [a, b] = [this.one(...kinds), this.one(...kinds)];
    this.names = OF_T;
    const part = (): string => `SELECT ${this.of(a, 1)} AS p, ${this.of(b, 1)} AS q FROM t`;
    const order = this.some(2, () => ` ORDER BY ${this.one('p', '1', 'q DESC', '2, 1')}`);
    return `${part()} UNION ${this.one('ALL ', '', 'DISTINCT ')}${part()}${order}${order && this.some(2, () => ' LIMIT 3')}`;
  }

  private of(kind: 'whole' | 'double' | 'text', depth: number): string {
    return kind === 'whole' ? this.whole(depth) : kind === 'double' ? this.double(depth) : this.text(depth);
  }

  private select(isOuter: boolean): string {
    const from = this.from();
    const where = this.some(2, () => ` WHERE ${this.condition(2)}`);
    if (this.chance.below(2)) return this.grouped(from, where);
    const count = 1 + this.chance.below(3);
    const entries = Array.from({ length: count }, (_, at) => `${this.value(2)} AS c${at}`);
    if (isOuter && this.chance.below(8) === 0)
      entries.push(this.one('id', 't.*', 't.id, user', 'k', 'x y', 't.user', 'upper(k)', 'T.S'));
    if (this.chance.below(8) === 0) entries.push(`${this.window()} AS r`);
    const distinct = this.some(8, () => 'DISTINCT ');
    return `SELECT ${distinct}${entries.join(', ')}${from}${where}${this.order(count)}`;
  }

  private window(): string {
    const order = `ORDER BY ${this.key()}${this.one('', ' DESC')}`;
    const part = this.some(2, () => `PARTITION BY ${this.one('k', 'n', 'b')} `);
    return this.one(
      `rank() OVER (${part}${order})`,
      `dense_rank() OVER (${part}${order})`,
      `count(*) OVER (${part})`,
      `sum(n) OVER (${part})`,
      `sum(n) OVER (${part}${order})`,
      `max(x) OVER (${part})`,
      `min(k) OVER (${part}${order})`,
      `count(n) OVER (${part}${order})`,
    );
  }

  private key(): string {
    return this.one(
      this.one(...this.names.whole),
      this.one(...this.names.text),
      this.one(...this.names.double),
    );
  }

  private grouped(from: string, where: string): string {
    const keys = this.chance.below(4)
      ? [
          this.one(
            () => this.key(),
            () => this.text(1),
            () => this.condition(1),
            () => this.whole(1),
          )(),
        ]
      : [];
    const count = 1 + this.chance.below(2);
    const totals = Array.from({ length: count }, (_, at) => `${this.aggregate()} AS a${at}`);
    const entries = [...keys.map((key, at) => `${key} AS c${at}`), ...totals];
    const by = keys.length
      ? this.one(` GROUP BY ${keys.join()}`, ' GROUP BY ALL', ' GROUP BY c0', ' GROUP BY 1')
      : '';
    const having = this.some(
      5,
      () =>
        ` HAVING ${this.one('count(*) > 1', 'a0 IS NOT NULL', `${this.aggregate()} IS NULL`, 'sum(n) > 0', 'max(x) < 1')}`,
    );
    return `SELECT ${entries.join(', ')}${from}${where}${by}${having}${this.order(entries.length)}`;
  }

  private order(count: number): string {
    if (this.chance.below(3)) return '';
    const place = String(1 + this.chance.below(count));
    const how = this.one('', ' DESC', ' ASC', ' NULLS FIRST', ' DESC NULLS LAST', ' DESC NULLS FIRST');
    const key = this.one(place, place, 'c0', 'a0', 'ALL', this.key());
    const cut = this.some(2, () => ` LIMIT ${this.chance.below(4)}`) + this.some(6, () => ' OFFSET 1');
    return ` ORDER BY ${key}${how}${cut}`;
  }

  private from(): string {
    const kind = this.chance.below(10);
    this.names = kind < 7 ? OF_T : OF_BOTH;
    if (kind < 6) return ' FROM t';
    if (kind === 6) return this.one(' FROM T AS t', ' FROM (SELECT * FROM t WHERE n > -1) AS t', ' FROM "t"');
    const on = this.one(
      't.id = u.id',
      'u.k = t.k',
      't.id = u.id AND w > 0',
      't.n < u.id',
      'u.id = t.n AND t.k = u.k',
      't.x = u.w',
      'true',
    );
    return this.one(
      ` FROM t JOIN u ON ${on}`,
      ` FROM t LEFT JOIN u ON ${on}`,
      ` FROM t RIGHT OUTER JOIN u ON (${on})`,
      ` FROM t, u`,
      ' FROM t CROSS JOIN u',
      ` FROM t INNER JOIN u USING (id)`,
      ` FROM t LEFT JOIN u USING (k, id)`,
      ` FROM u LEFT JOIN t ON ${on}`,
    );
  }

  private value(depth: number): string {
    const kind = this.chance.below(14);
    if (kind < 4) return this.whole(depth);
    if (kind < 7) return this.double(depth);
    if (kind < 10) return this.text(depth);
    if (kind < 12) return this.condition(depth);
    return this.one(
      () => this.one(...this.names.json),
      () =>
        `${this.one(...this.names.json)}${this.one('->', '->>')}${this.one("'a'", "'$.a.b'", "'$[0].k'", '0', "'$.a[1]'", "'$'")}`,
      () => `[${this.whole(1)}, ${this.whole(1)}]`,
      () => `{'p': ${this.value(1)}, 'q': ${this.text(1)}}`,
      () => this.one("DATE '2026-02-03'", "TIMESTAMP '2026-02-03 04:05:06.25'", 'NULL', '1.50', '2.0 * 1.25'),
      () => `TRY_CAST(s AS ${this.one('DATE', 'BIGINT', 'DOUBLE', 'BOOLEAN')})`,
    )();
  }

  private whole(depth: number): string {
    if (depth <= 0) return this.one(...this.names.whole, '1', '2', '-1', '0', '100000');
    const inner = (): string => this.whole(depth - 1);
    return this.one(
      () => this.one(...this.names.whole),
      () => `${inner()} ${this.one('+', '-', '*', '+', '-', '*', '//', '%')} ${inner()}`,
      () => `(${inner()} ${this.one('+', '-', '*')} ${inner()}) * ${inner()}`,
      () => `length(${this.text(depth - 1)})`,
      () => `CASE WHEN ${this.condition(depth - 1)} THEN ${inner()} ELSE ${inner()} END`,
      () => `coalesce(${inner()}, ${inner()})`,
      () => `nullif(${inner()}, ${inner()})`,
      () => `abs(${inner()})`,
      () => `-${this.one(...this.names.whole)}`,
      () =>
        `CAST(${this.one('s', 'x', 'b', "'12'", 'n', '2.5', 'x * 2')} AS ${this.one('BIGINT', 'INTEGER', 'HUGEINT')})`,
      () => `TRY_CAST(${this.one('s', 'x', 'k')} AS BIGINT)`,
      () => `greatest(${inner()}, ${inner()})`,
      () => `(SELECT ${this.one('max(n)', 'count(*)', 'min(id)')} FROM t)`,
      () => `strpos(${this.text(depth - 1)}, ${this.text(0)})`,
    )();
  }

  private double(depth: number): string {
    if (depth <= 0) return this.one(...this.names.double, '1e0', '0.5', '2.5e0', 'x');
    const inner = (): string => this.double(depth - 1);
    return this.one(
      () => this.one(...this.names.double),
      () => `${inner()} ${this.one('+', '-', '*', '/', '%')} ${inner()}`,
      () => `${this.whole(depth - 1)} / ${this.whole(depth - 1)}`,
      () => `${inner()} * ${this.one('1.5', '0.1', '2', '100')}`,
      () => `${this.whole(depth - 1)} ${this.one('*', '+', '-')} ${this.one('1.5', '0.1')}`,
      () => `round(${inner()}${this.one('', ', 1', ', 2')})`,
      () => `${this.one('floor', 'ceil', 'abs', 'trunc')}(${inner()})`,
      () => `coalesce(${inner()}, ${this.one('0', '0.0', '1.5')})`,
      () => `CAST(${this.one('s', 'n', "'1.5'", 'b', '0.1')} AS DOUBLE)`,
      () => `TRY_CAST(s AS DOUBLE)`,
      () => `least(${inner()}, ${this.whole(depth - 1)})`,
    )();
  }

  private text(depth: number): string {
    if (depth <= 0) return this.one(...this.names.text, "'a'", "'b'", "''", "'it''s'", "'Ä'");
    const inner = (): string => this.text(depth - 1);
    return this.one(
      () => this.one(...this.names.text),
      () => `${inner()} || ${inner()}`,
      () => `${inner()} || ${this.whole(depth - 1)}`,
      () => `${this.one('lower', 'upper', 'trim', 'reverse', 'ltrim', 'rtrim')}(${inner()})`,
      () => `substr(${inner()}, ${this.one('1', '2', '1, 1', '2, 5', '0', '-1', '1, 0')})`,
      () => `replace(${inner()}, ${this.one("'a'", "'b'", "''")}, 'c')`,
      () => `concat(${inner()}, ${this.value(depth - 1)})`,
      () => `CAST(${this.one('n', 'x', 'b', 'x * 10', 'x / 3', '1.50', 'big', 'id + 0.5')} AS VARCHAR)`,
      () => `CASE WHEN ${this.condition(depth - 1)} THEN ${inner()} ELSE ${this.one(inner(), 'NULL')} END`,
      () => `coalesce(${inner()}, 'none')`,
      () => `${this.one('left', 'right')}(${inner()}, ${this.one('1', '2', '0')})`,
      () => `split_part(${inner()}, ${this.one("'a'", "' '")}, 1)`,
      () => `nullif(${inner()}, 'a')`,
      () => `${this.one(...this.names.whole)}::VARCHAR`,
      () =>
        `CASE ${this.one('k', 's')} WHEN 'a' THEN 'A' WHEN '12' THEN 'twelve' END`.replace(
          'CASE k',
          `CASE ${this.names.text[0]}`,
        ),
    )();
  }

  private condition(depth: number): string {
    const inner = (): string => this.condition(depth - 1);
    if (depth <= 0)
      return this.one(
        ...this.names.condition,
        'true',
        'false',
        'NULL',
        `${this.one(...this.names.whole)} > 1`,
      );
    const sign = this.one('=', '<>', '<', '<=', '>', '>=', '!=', '==');
    const not = this.one('', '', ' NOT');
    return this.one(
      () => `${this.whole(depth - 1)} ${sign} ${this.whole(depth - 1)}`,
      () => `${this.double(depth - 1)} ${sign} ${this.one(this.double(depth - 1), '0.15', this.whole(0))}`,
      () => `${this.text(depth - 1)} ${sign} ${this.text(depth - 1)}`,
      () => `${inner()} ${this.one('AND', 'OR')} ${inner()}`,
      () => `(${inner()}) ${this.one('AND', 'OR')} (${inner()})`,
      () => `NOT ${inner()}`,
      () =>
        `${this.one(
          () => this.value(0),
          () => this.whole(1),
        )()} IS${not} NULL`,
      () => `${this.whole(depth - 1)}${not} IN (${this.whole(0)}, ${this.one('2', 'NULL', '3')})`,
      () => `${this.text(depth - 1)}${not} IN ('a', ${this.text(0)})`,
      () =>
        `${this.one(...this.names.whole)}${not} IN (SELECT id FROM u${this.some(2, () => ' WHERE id > 1')})`,
      () => `${this.whole(depth - 1)}${not} BETWEEN ${this.whole(0)} AND ${this.whole(0)}`,
      () =>
        `${this.text(depth - 1)}${not} LIKE ${this.one("'a%'", "'%a%'", "'_'", "'a_c'", "'%'", "''", "'%b'")}`,
      () => `${this.one(...this.names.condition)} IS${not} ${this.one('TRUE', 'FALSE')}`,
      () => `${this.one(...this.names.whole)} IS${not} DISTINCT FROM ${this.whole(0)}`,
      () => `${this.one('starts_with', 'contains', 'ends_with')}(${this.text(depth - 1)}, ${this.text(0)})`,
      () => `${this.one(...this.names.json)}->>'a' ${sign} ${this.text(0)}`,
      () => `EXISTS (SELECT 1 FROM u WHERE w > ${this.one('0', '99')})`,
    )();
  }

  private aggregate(): string {
    const distinct = this.some(4, () => 'DISTINCT ');
    return (
      this.one(
        () => 'count(*)',
        () => `count(${distinct}${this.value(1)})`,
        () =>
          `sum(${distinct}${this.one(this.whole(1), this.double(1), this.one(...this.names.double), this.one(...this.names.whole))})`,
        () => `avg(${this.one(this.whole(1), this.double(1), this.one(...this.names.double))})`,
        () => `${this.one('min', 'max')}(${this.value(1)})`,
        () => `${this.one('bool_and', 'bool_or', 'count_if')}(${this.condition(1)})`,
        () =>
          `string_agg(${distinct}${this.one(...this.names.text)}${this.one('', ", '; '")} ORDER BY ${this.one(this.key(), this.one(...this.names.text))}${this.one('', ' DESC')})`,
        () => `list(${distinct}${this.key()} ORDER BY ${this.key()}${this.one('', ' DESC', ' NULLS FIRST')})`,
        () => `sum(n) / count(*)`,
        () => `round(avg(x), 2)`,
      )() + this.some(8, () => ` FILTER (WHERE ${this.condition(1)})`)
    );
  }

  /** What is refused, or what engines may take in different ways. */
  private odd(): string {
    return this.one(
      'SELECT id FROM t LIMIT 2',
      'SELECT list(k) AS n FROM t',
      'SELECT nope FROM t',
      'SELECT t.nope FROM t',
      'SELECT id AS a, n AS A FROM t',
      'SELECT k FROM t, u',
      'SELECT 1 AS a; SELECT 2 AS a',
      'SELECT sum(n) AS s FROM nowhere',
      'SELECT ln(x) AS n FROM t',
      'SELECT * FROM t JOIN u ON t.id = u.id',
      'SELECT q.* FROM (SELECT * FROM t ORDER BY id LIMIT 2) q',
      'SELECT CAST(s AS BIGINT) AS n FROM t',
      'SELECT n, sum(x) AS s FROM t',
      'SELECT -n AS n, count(*) AS c FROM t GROUP BY n ORDER BY n',
      'SELECT 2147483647 + 1 AS n',
      'SELECT big * big * big AS n FROM t',
      'SELECT user FROM t',
      'SELECT t.user FROM t ORDER BY ALL DESC',
      'SELECT id FROM t UNION BY NAME SELECT id FROM u',
      'FROM t ORDER BY id DESC LIMIT 3',
      'SELECT min(id) FROM t',
      'SELECT count(*), sum(x), max(t.k) FROM t',
      'SELECT max(user) FROM t',
      "SELECT x FROM t WHERE CAST(s AS BIGINT) > 1 AND s <> 'x'",
      'DELETE FROM t',
      "SELECT k FROM 't.csv'",
      'SELECT * EXCLUDE (j, s) FROM t ORDER BY id',
      'WITH a AS (SELECT id, k FROM t), b(c, d) AS (FROM a) SELECT c, d FROM b ORDER BY c DESC',
      'SELECT id+1, id*-1, a.n FROM t a WHERE a.id<>2',
    );
  }
}
