/** Makes statements over the tables of `sql-tables.ts`: most have rows, some are refused, fail, or are none. */

import type { Chance } from './peer.ts';
import { OF_BOTH, OF_T, Values } from './sql-values.ts';

const WORDS = (
  'a b n id t u k AS SELECT FROM WHERE AND OR NOT NULL IN IS LIKE BETWEEN CASE WHEN END BY ORDER GROUP ALL DISTINCT ' +
  'ON JOIN LEFT UNION LIMIT DESC 1 0 2.5 1e1 \'a\' \'\' * + - / // % || = <> < >= ( ) , . ; :: -> ->> [ ] { } : ! ~ ^ @ $1 ? -- /* */ "id" "" ' +
  'true count sum max length lower date interval current_date user rowid t.id u.id main.t row'
).split(' ');

/** A statement over these tables. */
export function statement(chance: Chance): string {
  return new Maker(chance).statement();
}

class Maker extends Values {
  statement(): string {
    const kind = this.chance.below(30);
    if (kind === 0) return this.odd();
    if (kind === 1) return `WITH c AS (${this.select(false)}) SELECT * FROM c`;
    if (kind === 2) return `SELECT count(*) AS n FROM (${this.select(false)}) q`;
    if (kind === 3) return this.union();
    if (kind === 4) return `SELECT q.c0 AS z, count(*) AS n FROM (${this.select(false)}) AS q GROUP BY ALL`;
    const text = this.spaced(this.select(true));
    return kind < 9 ? this.mutated(text) : text;
  }

  /** The statement with a word left out, twice, elsewhere, or another one in its place. */
  private mutated(text: string): string {
    const words = text.match(/'(?:[^']|'')*'|"[^"]*"|\w+(?:\.\w+)*|\s+|[^\w\s]/g) ?? [];
    const at = this.chance.below(words.length);
    const other = this.chance.below(words.length);
    const word = words[at] as string;
    const way = this.chance.below(5);
    if (way === 0) words.splice(at, 1);
    else if (way === 1) words.splice(at, 0, word);
    else if (way === 2) words.splice(other, 0, ` ${word} `);
    else words.splice(at, way - 3, ` ${this.one(...WORDS)} `);
    return words.join('');
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
    const entries = Array.from(
      { length: count },
      (_, at) => `${this.value(2)}${this.one(' AS c', ' AS c', ' c')}${at}`,
    );
    if (isOuter && this.chance.below(8) === 0)
      entries.push(this.one('id', 't.*', 't.id, user', 'k', 'x y', 't.user', 'upper(k)', 'T.S'));
    if (this.chance.below(8) === 0) entries.push(`${this.window()} AS r`);
    if (this.chance.below(6) === 0)
      entries.push(`${this.value(1)} AS ${this.one('n', 'k', 'x', 'id', 'w', 'b')}`);
    const distinct = this.some(8, () => 'DISTINCT ');
    const qualify = this.some(
      12,
      () => ` QUALIFY ${this.window()} ${this.one('= 1', '<= 2', '> n', 'IS NOT NULL')}`,
    );
    return `SELECT ${distinct}${entries.join(', ')}${from}${where}${qualify}${this.order(count)}`;
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
    if (this.chance.below(6) === 0) totals.push(`${this.aggregate()} AS ${this.one('n', 'x', 'k', 'total')}`);
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
