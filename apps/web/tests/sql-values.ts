/** Makes expressions of SQL over the columns of `sql-tables.ts`. */

import type { Chance } from './peer.ts';

export type Names = Readonly<Record<'whole' | 'double' | 'text' | 'condition' | 'json', readonly string[]>>;

export const OF_T: Names = {
  whole: ['id', 'n', 'big'],
  double: ['x'],
  text: ['k', 's'],
  condition: ['b'],
  json: ['j'],
};
export const OF_BOTH: Names = {
  whole: ['t.id', 'n', 'u.id', 't.big'],
  double: ['x', 'w', 'u.w'],
  text: ['t.k', 'v', 's', 'u.k'],
  condition: ['b', 't.b'],
  json: ['j'],
};

export class Values {
  protected readonly chance: Chance;
  protected names: Names = OF_T;

  constructor(chance: Chance) {
    this.chance = chance;
  }

  protected one<T>(...items: readonly T[]): T {
    return this.chance.pick(items);
  }

  protected some(odds: number, text: () => string): string {
    return this.chance.below(odds) === 0 ? text() : '';
  }

  protected value(depth: number): string {
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
      () => `TRY_CAST(s AS ${this.one('DATE', 'TIMESTAMP', 'BIGINT', 'DOUBLE', 'BOOLEAN')})`,
    )();
  }

  protected whole(depth: number): string {
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
      () =>
        `${this.one('year', 'month', 'day')}(CAST(${this.one("'2026-02-03'", "'2024-02-29T23:59:59.9Z'", "'1969-12-31 23:59:59'")} AS ${this.one('DATE', 'TIMESTAMP')}))`,
      () => `strpos(${this.text(depth - 1)}, ${this.text(0)})`,
    )();
  }

  protected double(depth: number): string {
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

  protected text(depth: number): string {
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

  protected condition(depth: number): string {
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
        `${this.text(depth - 1)}${not} ${this.one('LIKE', 'LIKE', 'ILIKE')} ${this.one("'a%'", "'%a%'", "'_'", "'a_c'", "'%'", "''", "'%b'")}`,
      () => `${this.one(...this.names.condition)} IS${not} ${this.one('TRUE', 'FALSE')}`,
      () => `${this.one(...this.names.whole)} IS${not} DISTINCT FROM ${this.whole(0)}`,
      () => `${this.one('starts_with', 'contains', 'ends_with')}(${this.text(depth - 1)}, ${this.text(0)})`,
      () => `${this.one(...this.names.json)}->>'a' ${sign} ${this.text(0)}`,
      () => `EXISTS (SELECT 1 FROM u WHERE w > ${this.one('0', '99')})`,
    )();
  }

  protected key(): string {
    return this.one(
      this.one(...this.names.whole),
      this.one(...this.names.text),
      this.one(...this.names.double),
    );
  }

  protected aggregate(): string {
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
}
