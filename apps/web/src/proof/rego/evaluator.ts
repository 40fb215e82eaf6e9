/**
 * Evaluates rules: every body to its end and every definition of a name, as the pinned engine does, so that a failing
 * builtin is met where it is met there.
 */

import { UnavailableError } from '../values.ts';
import { entries } from './collections.ts';
import { Terms } from './evaluation.ts';
import type { Bindings, Then } from './references.ts';
import { bracketNames, freeNames, localsOf } from './scopes.ts';
import { RegoError, type Body, type Literal, type Rule, type Term } from './syntax.ts';
import { equal, RegoSet, type Value } from './value.ts';
import type { Package } from './world.ts';

class UnboundError extends UnavailableError {
  override name = 'UnboundError';
}

export class Evaluator extends Terms {
  private readonly known = new Map<Rule[], Value | undefined>();
  private readonly running = new Set<Rule[]>();

  /** The value of the rule or the data at a path below `data`, undefined if there is none. */
  at(path: readonly string[]): Value | undefined {
    const found: Value[] = [];
    const terms = path.map((value): Term => ({ kind: 'scalar', value }));
    this.data(terms, this.world.root, new Map(), (value) => found.push(value));
    return found[0];
  }

  protected override rule(rules: Rule[], pack: Package): Value | undefined {
    if (this.known.has(rules)) return this.known.get(rules);
    if (this.running.has(rules)) throw new RegoError('a rule that rests on itself');
    this.running.add(rules);
    const values: Value[] = [];
    for (const rule of rules) {
      if (rule.isDefault) continue;
      this.body(rule.body, pack, new Map(), (bindings) => {
        this.each(rule.value, pack, bindings, (value) => values.push(value));
      });
    }
    const isSet = rules.some((rule) => rule.kind === 'member');
    const value = isSet ? new RegoSet(values) : this.one(values, rules);
    this.running.delete(rules);
    this.known.set(rules, value);
    return value;
  }

  private one(values: readonly Value[], rules: readonly Rule[]): Value | undefined {
    const [first, ...others] = values;
    if (first === undefined) {
      const fallback = rules.find((rule) => rule.isDefault)?.value;
      return fallback?.kind === 'scalar' ? fallback.value : undefined;
    }
    if (others.some((other) => !equal(other, first))) throw new RegoError('a rule with two values');
    return first;
  }

  protected override function(rules: Rule[], args: readonly Value[], pack: Package): Value | undefined {
    if (this.running.has(rules)) throw new RegoError('a function that rests on itself');
    this.running.add(rules);
    const values: Value[] = [];
    for (const rule of rules) {
      if (rule.parameters.length !== args.length)
        throw new UnavailableError('a call with another number of arguments');
      const bindings = new Map<string, Value>();
      const fits = rule.parameters.every((parameter, at) => {
        const given = args[at] as Value;
        if (parameter.kind === 'scalar') return equal(parameter.value, given);
        if (parameter.kind === 'var') bindings.set(parameter.name, given);
        return true;
      });
      if (!fits) continue;
      this.body(rule.body, pack, bindings, (found) => {
        this.each(rule.value, pack, found, (value) => values.push(value));
      });
    }
    this.running.delete(rules);
    return this.one(values, []);
  }

  /**
   * `then` for every way in which all literals hold. The pinned engine may take them in another order, in which it meets a
   * failing builtin that this one does not, or not: so that error is certain only where everything beside it holds.
   */
  protected override body(body: Body, pack: Package, bindings: Bindings, then: Then): void {
    const [first, ...rest] = body;
    if (!first) return then(bindings);
    if (!this.isReady(first, localsOf(body), bindings, pack)) {
      throw new UnboundError('a variable that gets its value later, or nowhere');
    }
    const found: Bindings[] = [];
    try {
      this.literal(first, pack, bindings, (next) => found.push(next));
    } catch (error) {
      if (error instanceof RegoError && !this.holds(rest, pack, bindings)) {
        throw new UnavailableError('a builtin fails beside a condition that does not hold');
      }
      throw error;
    }
    if (!found.length) this.watch(rest, pack, bindings);
    for (const next of found) this.body(rest, pack, next, then);
  }

  private holds(body: Body, pack: Package, bindings: Bindings): boolean {
    let holds = false;
    this.body(body, pack, bindings, () => {
      holds = true;
    });
    return holds;
  }

  /** Looks for builtins that fail behind a condition that does not hold. */
  private watch(rest: Body, pack: Package, bindings: Bindings): void {
    for (const [at, literal] of rest.entries()) {
      if (!this.isReady(literal, localsOf(rest.slice(at)), bindings, pack)) continue;
      try {
        this.literal(literal, pack, bindings, (next) => this.watch(rest.slice(at + 1), pack, next));
      } catch (error) {
        if (error instanceof UnboundError) continue;
        if (!(error instanceof RegoError)) throw error;
        throw new UnavailableError('a builtin fails beside a condition that does not hold');
      }
    }
  }

  private isReady(
    literal: Literal,
    declared: ReadonlySet<string>,
    bindings: Bindings,
    pack: Package,
  ): boolean {
    const needs = (term: Term): boolean =>
      freeNames(term).every(
        (name) => bindings.has(name) || (!declared.has(name) && this.isGlobal(name, pack)),
      );
    switch (literal.kind) {
      case 'declare':
        return true;
      case 'assign':
        return needs(literal.term);
      case 'some-in':
        return needs(literal.within);
      default:
        return needs(literal.term);
    }
  }

  private literal(literal: Literal, pack: Package, bindings: Bindings, then: Then): void {
    this.count();
    this.refuseTwofold(literal, pack, bindings);
    switch (literal.kind) {
      case 'declare':
        return then(new Map([...bindings].filter(([name]) => !literal.names.includes(name))));
      case 'assign':
        return this.each(literal.term, pack, bindings, (value, found) => {
          const known = found.get(literal.name);
          if (known === undefined) return then(new Map(found).set(literal.name, value));
          if (!literal.isUnify) throw new UnavailableError('a variable that is assigned twice');
          if (equal(known, value)) then(found);
        });
      case 'some-in':
        for (const term of [literal.key, literal.item]) {
          if (term?.kind === 'var' && bindings.has(term.name))
            throw new UnavailableError('`some` of a name in use');
        }
        return this.each(literal.within, pack, bindings, (value, found) => {
          for (const [key, item] of entries(value)) {
            const keyed = literal.key ? this.bind(literal.key, key, found, pack) : found;
            const bound = keyed && this.bind(literal.item, item, keyed, pack);
            if (bound) then(bound);
          }
        });
      case 'not': {
        let holds = false;
        this.each(literal.term, pack, bindings, (value) => {
          holds ||= value !== false;
        });
        return holds ? undefined : then(bindings);
      }
      case 'expression':
        return this.each(literal.term, pack, bindings, (value, found) => {
          if (value !== false) then(found);
        });
    }
  }

  /** The pinned engine does not try all pairs where one condition goes through two collections. */
  private refuseTwofold(literal: Literal, pack: Package, bindings: Bindings): void {
    if (literal.kind === 'declare') return;
    const term = literal.kind === 'some-in' ? literal.within : literal.term;
    const free = bracketNames(term).filter((name) => !bindings.has(name) && !this.isGlobal(name, pack));
    if (free.length > 1) throw new UnavailableError('a condition that goes through two collections');
  }

  /** The bindings under which a term is this value, or null. */
  private bind(term: Term, value: Value, bindings: Bindings, pack: Package): Bindings | null {
    if (term.kind === 'var' && !bindings.has(term.name)) return new Map(bindings).set(term.name, value);
    let fits = false;
    this.each(term, pack, bindings, (found) => {
      fits ||= equal(found, value);
    });
    return fits ? bindings : null;
  }
}
