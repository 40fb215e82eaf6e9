/** Gives the names and operators of an expression their meaning. */

import { UnavailableError } from '../values.ts';
import { arithmetic, negative } from './arithmetic.ts';
import { column, constant, made, NOTHING, unknown, type Bound } from './bound.ts';
import { cast, numberOf } from './casts.ts';
import { call, joined } from './functions.ts';
import { extracted } from './json-paths.ts';
import * as logic from './logic.ts';
import type { Scope } from './scope.ts';
import { folded, type Expr, type Query } from './syntax.ts';
import { BOOLEAN, VARCHAR, type Type } from './types.ts';
import type { Work } from './work.ts';

/** The single column of a query between parentheses, bound as a list of constants. */
export type Inner = (query: Query) => { readonly items: readonly Bound[]; readonly isOne: boolean };

export type Of<Kind extends Expr['kind']> = Extract<Expr, { readonly kind: Kind }>;

/** Where a name stands decides whether it means a column or an alias, where it may be both. */
type Clause = 'select' | 'arguments' | 'other';

// An alias stands for its whole expression wherever it is named, so that a short statement can mean a very long one.
const BINDING = 200;

export class Binder {
  readonly scope: Scope;
  readonly work: Work;
  private readonly inner: Inner;
  private readonly aliases = new Map<string, Expr | null>();
  private readonly open = new Set<string>();
  clause: Clause = 'select';

  constructor(scope: Scope, work: Work, inner: Inner) {
    this.scope = scope;
    this.work = work;
    this.inner = inner;
  }

  /** Let a name mean an entry of the SELECT where it is no column. */
  alias(name: string, expr: Expr): void {
    const key = folded(name);
    this.aliases.set(key, this.aliases.has(key) ? null : expr);
  }

  /** What the alias means; undefined for no alias; throws UnavailableError for one that occurs twice. */
  aliased(name: string): Expr | undefined {
    const found = this.aliases.get(folded(name));
    if (found === null) throw unknown(`the alias ${name}, which occurs twice`);
    return found;
  }

  bind(expr: Expr): Bound {
    this.work.spend(BINDING);
    switch (expr.kind) {
      case 'null':
        return NOTHING;
      case 'boolean':
        return constant(BOOLEAN, expr.value);
      case 'number':
        return numberOf(expr.text);
      case 'text':
        return { ...constant(VARCHAR, expr.text), isText: true };
      case 'column':
        return this.column(expr);
      case 'at':
        return this.columnAt(expr.at);
      case 'star':
        throw unknown('a star among values');
      case 'call':
        return this.call(expr);
      default:
        return this.operator(expr);
    }
  }

  private operator(
    expr: Exclude<Expr, Of<'null' | 'boolean' | 'number' | 'text' | 'column' | 'at' | 'star' | 'call'>>,
  ): Bound {
    const bind = (part: Expr): Bound => this.bind(part);
    switch (expr.kind) {
      case 'negative':
        return negative(bind(expr.operand));
      case 'not':
        return logic.negated(bind(expr.operand));
      case 'binary':
        return this.binary(expr);
      case 'compare':
        return logic.compared(expr.operator, bind(expr.left), bind(expr.right));
      case 'logic':
        return (expr.operator === 'and' ? logic.both : logic.either)(bind(expr.left), bind(expr.right));
      case 'is-null':
        return logic.isNull(bind(expr.operand), expr.isNegated);
      case 'between':
        return this.between(expr);
      case 'in':
        return this.unless(expr.isNegated, logic.among(bind(expr.operand), expr.items.map(bind)));
      case 'in-query':
        return this.unless(expr.isNegated, this.amongRows(expr));
      case 'like':
        return this.unless(expr.isNegated, this.like(expr));
      case 'case':
        return this.cases(expr);
      case 'cast':
        return cast(bind(expr.operand), { kind: expr.to } as Type, expr.isTry);
      case 'list':
        return logic.listed(expr.items.map(bind));
      case 'struct':
        return logic.structured(expr.members.map(([name, value]) => [name, bind(value)]));
      case 'exists':
        return constant(BOOLEAN, this.inner(expr.query).items.length > 0);
      case 'scalar-query':
        return this.scalar(expr.query);
    }
  }

  private unless(isNegated: boolean, bound: Bound): Bound {
    return isNegated ? logic.negated(bound) : bound;
  }

  private like({ isFolded, operand, pattern }: Of<'like'>): Bound {
    const [text, model] = [this.bind(operand), this.bind(pattern)];
    if (!isFolded) return logic.like(text, model, this.work);
    return logic.like(call('lower', [text], this.work), call('lower', [model], this.work), this.work);
  }

  private binary({ left, operator, right }: Of<'binary'>): Bound {
    const [a, b] = [this.bind(left), this.bind(right)];
    if (operator === '||') return joined(a, b, this.work);
    if (operator === '->' || operator === '->>') return extracted(a, b, operator === '->>', this.work);
    return arithmetic(operator as '+', a, b);
  }

  private between({ operand, low, high, isNegated }: Of<'between'>): Bound {
    const value = this.bind(operand);
    const within = logic.both(
      logic.compared('>=', value, this.bind(low)),
      logic.compared('<=', value, this.bind(high)),
    );
    return this.unless(isNegated, within);
  }

  private cases({ branches, operand, otherwise }: Of<'case'>): Bound {
    const value = operand && this.bind(operand);
    const bound = branches.map(([test, result]): [Bound, Bound] => {
      const condition = this.bind(test);
      return [value ? logic.equal(value, condition) : condition, this.bind(result)];
    });
    return logic.cases(bound, this.bind(otherwise));
  }

  private amongRows({ operand, query }: Of<'in-query'>): Bound {
    const value = this.bind(operand);
    const { items } = this.inner(query);
    if (!items.length) return constant(BOOLEAN, false);
    return logic.among(value, items);
  }

  private scalar(query: Query): Bound {
    const { isOne, items } = this.inner(query);
    const [item] = items;
    if (!item || items.length > 1 || !isOne)
      throw unknown('a query in place of a value with other than one row');
    // What it gives is known only when it has run.
    return made(item.type, [], item.run);
  }

  protected call(expr: Of<'call'>): Bound {
    if (expr.over) throw unknown('a window here');
    if (expr.isDistinct || expr.orders.length || expr.filter)
      throw unknown(`the aggregate ${expr.name} here`);
    return call(
      expr.name,
      expr.args.map((arg) => this.bind(arg)),
      this.work,
    );
  }

  protected column({ names }: Of<'column'>): Bound {
    const key = names.length === 1 ? folded(names[0] as string) : '';
    const alias = names.length === 1 ? this.aliased(key) : undefined;
    const at = alias ? this.findBeside(names, alias) : this.scope.find(names);
    if (at !== null) return this.columnAt(at);
    if (!alias || this.open.has(key)) return this.scope.refuse(names);
    if (this.clause === 'arguments') throw unknown(`the alias ${key} in an aggregate`);
    const { clause } = this;
    this.open.add(key);
    this.clause = 'select';
    const bound = this.bind(alias);
    this.clause = clause;
    this.open.delete(key);
    return bound;
  }

  /** The column, where there is an alias of its name too: before WHERE and behind it they must mean the same. */
  private findBeside(names: readonly string[], alias: Expr): number | null {
    const key = folded(names[0] as string);
    const { columns } = this.scope;
    const count = columns.filter(
      ({ isHidden, name }) => !isHidden && name !== null && folded(name) === key,
    ).length;
    if (!count) return null;
    if (count > 1) throw new UnavailableError(`${key} is columns and an alias`);
    const at = this.scope.find(names);
    const isSame =
      (alias.kind === 'column' && this.scope.find(alias.names) === at) ||
      (alias.kind === 'at' && alias.at === at);
    if (this.clause === 'other' && !isSame) throw new UnavailableError(`${key} is a column and an alias`);
    return at;
  }

  /** One text for expressions that mean the same. */
  signature(expr: Expr): string {
    return JSON.stringify(this.resolved(expr));
  }

  private resolved(part: unknown): unknown {
    this.work.spend(1);
    if (typeof part !== 'object' || part === null) return part;
    if (Array.isArray(part)) return part.map((item) => this.resolved(item));
    const node = part as Expr;
    if (node.kind === 'at') return `column ${node.at}`;
    if (node.kind === 'column') return this.resolvedColumn(node);
    // The names in another query are its own.
    if ('ctes' in node) return node;
    return Object.entries(node).map(([name, value]) => [name, this.resolved(value)]);
  }

  private resolvedColumn({ names }: Of<'column'>): unknown {
    const at = this.scope.find(names);
    if (at !== null) return `column ${at}`;
    const [key = ''] = names.map(folded);
    const alias = names.length === 1 ? this.aliased(key) : undefined;
    if (!alias || this.open.has(key)) return this.scope.refuse(names);
    this.open.add(key);
    const found = this.resolved(alias);
    this.open.delete(key);
    return found;
  }

  protected columnAt(at: number): Bound {
    const { range, type } = this.scope.columns[at] as { type: Type; range: Bound['range'] };
    return column(type, at, range);
  }
}
