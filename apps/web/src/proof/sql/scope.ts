/** What the names of a query mean: the columns of its FROM, and the aliases of its SELECT. */

import { EvaluationError } from '../expressions/errors.ts';
import { UnavailableError } from '../values.ts';
import { folded } from './syntax.ts';
import { isWhole, type Range, type Row, type Type } from './types.ts';

export interface Column {
  /** The name that stands before a dot, without case; null for none. */
  readonly table: string | null;
  /** Null where only the engine knows it. */
  readonly name: string | null;
  readonly type: Type;
  readonly range: Range | null;
  /** True for the second of two that USING made one. */
  readonly isHidden: boolean;
}

/** Columns next to each other that come from one table of the inputs, with all its rows; null where they do not. */
export interface Part {
  readonly from: number;
  readonly to: number;
  readonly rows: readonly Row[] | null;
}

export interface Relation {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  readonly parts: readonly Part[];
}

/** The columns as another query sees them. */
export function relationOf(
  columns: readonly Omit<Column, 'isHidden'>[],
  rows: readonly Row[],
  isWhole: boolean,
): Relation {
  return {
    columns: columns.map((column) => ({ ...column, isHidden: false })),
    rows,
    parts: [{ from: 0, to: columns.length, rows: isWhole ? rows : null }],
  };
}

/** What the whole numbers of a column are within. */
export function rangeIn(rows: readonly Row[], at: number, type: Type): Range | null {
  if (!isWhole(type)) return null;
  let [least, most] = [0n, 0n];
  for (const row of rows) {
    const value = row[at] as bigint | null;
    if (value === null) continue;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return [least, most];
}

/** True for a type with members, which stand behind a dot too. */
function hasMembers({ kind }: Type): boolean {
  return kind === 'JSON' || kind === 'STRUCT';
}

export class Scope {
  readonly columns: readonly Column[];
  private readonly isInner: boolean;

  /** `isInner`: names that are not here may be those of a query around. */
  constructor(columns: readonly Column[], isInner: boolean) {
    this.columns = columns;
    this.isInner = isInner;
  }

  /** The number of the column; null for a name that is none here; throws EvaluationError, UnavailableError. */
  find(names: readonly string[]): number | null {
    const [name = '', table] = names.map(folded).reverse();
    const found = this.columns.flatMap((column, at) => (this.fits(column, name, table) ? [at] : []));
    if (
      table !== undefined &&
      this.columns.some((column) => folded(column.name ?? '') === table && hasMembers(column.type))
    ) {
      throw new UnavailableError(`${table} is a table and a column`);
    }
    if (
      found.length > 1 &&
      this.columns.some((column) => column.isHidden && folded(column.name ?? '') === name)
    ) {
      throw new UnavailableError(`${name}, which USING made one column, beside another`);
    }
    if (found.length > 1) throw new EvaluationError(`the name ${names.join('.')} is not of one column alone`);
    return found[0] ?? null;
  }

  private fits(column: Column, name: string, table: string | undefined): boolean {
    if (column.name === null) return false;
    const isHere = folded(column.name) === name;
    return isHere && (table === undefined ? !column.isHidden : column.table === table);
  }

  /** Why a name is none; throws EvaluationError where every engine says so, else UnavailableError. */
  refuse(names: readonly string[]): never {
    const told = names.join('.');
    const [name = '', table] = names.map(folded).reverse();
    const isTable = this.columns.some((column) => column.table === (table ?? name));
    const isElsewhere =
      this.isInner ||
      name === 'rowid' ||
      // What the engine itself calls a column may be named too.
      !/^[a-z_][a-z0-9_]*$/.test(name) ||
      this.columns.some((column) => column.name === null) ||
      (table === undefined ? isTable : !isTable);
    if (isElsewhere) throw new UnavailableError(`the name ${told} is not known here`);
    throw new EvaluationError(`there is no column ${told}`);
  }

  /** The columns that a star means. */
  star(table: string | null, except: readonly string[]): number[] {
    const left = new Set(except.map(folded));
    const found = this.columns.flatMap((column, at) => {
      if (column.name === null) throw new UnavailableError('a star over columns without names');
      const isMeant = table === null ? !column.isHidden : column.table === folded(table);
      if (!isMeant) return [];
      return except.length && left.delete(folded(column.name)) ? [] : [at];
    });
    if (!found.length || left.size || (except.length && !this.isPlain())) {
      throw new UnavailableError('such a star');
    }
    return found;
  }

  private isPlain(): boolean {
    return new Set(this.columns.map(({ table }) => table)).size < 2;
  }
}
