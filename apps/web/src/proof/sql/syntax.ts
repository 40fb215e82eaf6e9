/** The parts of DuckDB's SQL that this verifier evaluates, as a tree. */

export type Expr =
  | { readonly kind: 'null' }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'number' | 'text'; readonly text: string }
  | { readonly kind: 'column'; readonly names: readonly string[]; readonly isQuoted: boolean }
  /** A column by its number, where a star meant it. */
  | { readonly kind: 'at'; readonly at: number }
  | { readonly kind: 'star'; readonly table: string | null; readonly except: readonly string[] }
  | Call
  | { readonly kind: 'negative' | 'not'; readonly operand: Expr }
  | { readonly kind: 'binary'; readonly operator: string; readonly left: Expr; readonly right: Expr }
  | { readonly kind: 'compare'; readonly operator: string; readonly left: Expr; readonly right: Expr }
  | { readonly kind: 'logic'; readonly operator: 'and' | 'or'; readonly left: Expr; readonly right: Expr }
  | { readonly kind: 'is-null'; readonly operand: Expr; readonly isNegated: boolean }
  | {
      readonly kind: 'between';
      readonly operand: Expr;
      readonly low: Expr;
      readonly high: Expr;
      readonly isNegated: boolean;
    }
  | {
      readonly kind: 'in';
      readonly operand: Expr;
      readonly items: readonly Expr[];
      readonly isNegated: boolean;
    }
  | { readonly kind: 'in-query'; readonly operand: Expr; readonly query: Query; readonly isNegated: boolean }
  | {
      readonly kind: 'like';
      readonly operand: Expr;
      readonly pattern: Expr;
      readonly isFolded: boolean;
      readonly isNegated: boolean;
    }
  | {
      readonly kind: 'case';
      readonly operand: Expr | null;
      readonly branches: readonly (readonly [Expr, Expr])[];
      readonly otherwise: Expr;
    }
  | { readonly kind: 'cast'; readonly operand: Expr; readonly to: string; readonly isTry: boolean }
  | { readonly kind: 'list'; readonly items: readonly Expr[] }
  | { readonly kind: 'struct'; readonly members: readonly (readonly [string, Expr])[] }
  | { readonly kind: 'scalar-query' | 'exists'; readonly query: Query };

export interface Call {
  readonly kind: 'call';
  readonly name: string;
  readonly args: readonly Expr[];
  readonly isDistinct: boolean;
  readonly orders: readonly Key[];
  readonly filter: Expr | null;
  readonly over: Over | null;
}

export interface Over {
  readonly partitions: readonly Expr[];
  readonly orders: readonly Key[];
}

export interface Key {
  readonly expr: Expr;
  readonly isDescending: boolean;
  readonly areNullsFirst: boolean;
}

export interface Entry {
  readonly expr: Expr;
  readonly alias: string | null;
}

export interface Cte {
  readonly name: string;
  readonly columns: readonly string[];
  readonly query: Query;
}

/** What every query may have behind it. */
interface Ended {
  readonly ctes: readonly Cte[];
  readonly orders: readonly Key[];
  /** `ORDER BY ALL`, with its direction, in place of `orders`. */
  readonly orderAll: Omit<Key, 'expr'> | null;
  readonly limit: number | null;
  readonly offset: number | null;
}

export interface Select extends Ended {
  readonly kind: 'select';
  readonly isDistinct: boolean;
  readonly entries: readonly Entry[];
  readonly from: From | null;
  readonly where: Expr | null;
  readonly groups: 'all' | readonly Expr[] | null;
  readonly having: Expr | null;
  readonly qualify: Expr | null;
}

export interface Union extends Ended {
  readonly kind: 'union';
  readonly isAll: boolean;
  readonly left: Query;
  readonly right: Query;
}

export type Query = Select | Union;

export type From =
  | {
      readonly kind: 'table';
      readonly name: string;
      readonly alias: string | null;
      readonly columns: readonly string[];
    }
  | {
      readonly kind: 'derived';
      readonly query: Query;
      readonly alias: string | null;
      readonly columns: readonly string[];
    }
  | {
      readonly kind: 'join';
      readonly join: 'inner' | 'left' | 'right' | 'cross';
      readonly left: From;
      readonly right: From;
      readonly on: Expr | null;
      readonly using: readonly string[];
    };

/** The name with ASCII letters in lower case and every other as it is. */
export function folded(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** True where a query has a LIMIT or an OFFSET. */
export function isCut({ limit, offset }: Query): boolean {
  return limit !== null || offset !== null;
}
