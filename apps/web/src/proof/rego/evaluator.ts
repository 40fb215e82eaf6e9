/**
 * Evaluates rules: every body to its end and every definition of a name, as the pinned engine does, so that a failing
 * builtin is met where it is met there.
 */

import { UnavailableError } from '../values.ts';
import { callBuiltin, isImplemented } from './builtins.ts';
import { isAllowed } from './allowed.ts';
import { infix } from './operators.ts';
import type { Package, World } from './world.ts';
import { RegoError, type Body, type Literal, type Rule, type Term } from './syntax.ts';
import { equal, isRegoObject, regoObject, RegoSet, spelling, type Value } from './value.ts';

const MOST_STEPS = 2_000_000;

type Bindings = ReadonlyMap<string, Value>;
type Then = (bindings: Bindings) => void;
type Each = (value: Value, bindings: Bindings) => void;

export class Evaluator {
  private readonly world: World;
  private readonly input: Value;
  private readonly known = new Map<Rule[], Value | undefined>();
  private readonly running = new Set<Rule[]>();
  private steps = 0;

  constructor(world: World, input: Value) {
    this.world = world;
    this.input = input;
  }

  /** The value of the rule or the data at a path below `data`, undefined if there is none. */
  at(path: readonly string[]): Value | undefined {
    const found: Value[] = [];
    const terms = path.map((value): Term => ({ kind: 'scalar', value }));
    this.data(terms, this.world.root, new Map(), (value) => found.push(value));
    return found[0];
  }

  private rule(rules: Rule[], pack: Package): Value | undefined {
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

  private function(rules: Rule[], args: readonly Value[], pack: Package): Value | undefined {
    if (this.running.has(rules)) throw new RegoError('a function that rests on itself');
    this.running.add(rules);
    const values: Value[] = [];
    for (const rule of rules) {
      if (rule.parameters.length !== args.length) throw new UnavailableError('a call with another number of arguments');
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

  /** `then` for every way in which all literals hold; one whose variables have no value yet waits for the others. */
  private body(body: Body, pack: Package, bindings: Bindings, then: Then): void {
    if (!body.length) return then(bindings);
    const declared = localsOf(body);
    const at = body.findIndex((literal) => this.isReady(literal, declared, bindings, pack));
    if (at < 0) throw new UnavailableError('a variable that nothing gives a value');
    const rest = body.filter((_, index) => index !== at);
    this.literal(body[at] as Literal, pack, bindings, (found) => this.body(rest, pack, found, then));
  }

  private isReady(literal: Literal, declared: ReadonlySet<string>, bindings: Bindings, pack: Package): boolean {
    const needs = (term: Term): boolean =>
      freeNames(term).every((name) => bindings.has(name) || (!declared.has(name) && this.isGlobal(name, pack)));
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

  private isGlobal(name: string, pack: Package): boolean {
    return name === 'data' || name === 'input' || pack.rules.has(name) || pack.imports.has(name);
  }

  private literal(literal: Literal, pack: Package, bindings: Bindings, then: Then): void {
    this.count();
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
          if (term?.kind === 'var' && bindings.has(term.name)) throw new UnavailableError('`some` of a name in use');
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

  /** The bindings under which a term is this value, or null. */
  private bind(term: Term, value: Value, bindings: Bindings, pack: Package): Bindings | null {
    if (term.kind === 'var' && !bindings.has(term.name)) return new Map(bindings).set(term.name, value);
    let fits = false;
    this.each(term, pack, bindings, (found) => {
      fits ||= equal(found, value);
    });
    return fits ? bindings : null;
  }

  /** `each` for every value that a term has. */
  private each(term: Term, pack: Package, bindings: Bindings, each: Each): void {
    this.count();
    switch (term.kind) {
      case 'scalar':
        return each(term.value, bindings);
      case 'var':
      case 'ref':
        return this.reference(term, pack, bindings, each);
      case 'call':
        return this.all(term.args, pack, bindings, (args, found) => {
          const value = this.call(term.name, args, pack);
          if (value !== undefined) each(value, found);
        });
      case 'array':
        return this.all(term.items, pack, bindings, (items, found) => each(items, found));
      case 'set':
        return this.all(term.items, pack, bindings, (items, found) => each(new RegoSet(items), found));
      case 'object':
        return this.all(term.members.flat(), pack, bindings, (parts, found) => each(regoObject(pairs(parts)), found));
      case 'infix':
        return this.all([term.left, term.right], pack, bindings, ([left, right], found) =>
          each(infix(term.operator, left as Value, right as Value), found),
        );
      case 'in':
        return this.membership(term.key, term.item, term.within, pack, bindings, each);
      case 'comprehension': {
        const values: Value[] = [];
        this.body(term.body, pack, bindings, (found) => {
          this.each(term.head, pack, found, (value) => values.push(value));
        });
        return each(term.of === 'set' ? new RegoSet(values) : values, bindings);
      }
      case 'object-comprehension': {
        const members: [Value, Value][] = [];
        this.body(term.body, pack, bindings, (found) => {
          this.all([term.key, term.value], pack, found, ([key, value]) => members.push([key as Value, value as Value]));
        });
        return each(regoObject(members), bindings);
      }
    }
  }

  private membership(
    key: Term | null,
    item: Term,
    within: Term,
    pack: Package,
    bindings: Bindings,
    each: Each,
  ): void {
    this.all([...(key ? [key] : []), item, within], pack, bindings, (values, found) => {
      const [container, wanted, place] = values.toReversed();
      const isIn = entries(container as Value).some(
        ([at, member]) => equal(member, wanted as Value) && (place === undefined || equal(at, place)),
      );
      each(isIn, found);
    });
  }

  private all(
    terms: readonly Term[],
    pack: Package,
    bindings: Bindings,
    each: (values: Value[], bindings: Bindings) => void,
  ): void {
    const [first, ...rest] = terms;
    if (!first) return each([], bindings);
    this.each(first, pack, bindings, (value, found) => {
      this.all(rest, pack, found, (values, last) => each([value, ...values], last));
    });
  }

  private call(name: readonly string[], args: readonly Value[], pack: Package): Value | undefined {
    const [first, ...others] = name;
    const own = others.length ? undefined : pack.rules.get(first as string);
    const [found, from] = own ? [own, pack] : this.world.ruleAt(name, pack);
    if (found && from) return this.function(found, args, from);
    const dotted = name.join('.');
    if (!isAllowed(dotted)) throw new RegoError(`there is no function ${dotted}`);
    if (!isImplemented(dotted)) throw new UnavailableError(`the builtin ${dotted} is not evaluated here`);
    return callBuiltin(dotted, args);
  }

  private reference(term: Term, pack: Package, bindings: Bindings, each: Each): void {
    const [head, path] = term.kind === 'ref' ? [term.head, term.path] : [term, []];
    if (head.kind !== 'var') {
      return this.each(head, pack, bindings, (value, found) => this.follow(value, path, pack, found, each));
    }
    const local = bindings.get(head.name);
    if (local !== undefined) return this.follow(local, path, pack, bindings, each);
    if (head.name === 'input') return this.follow(this.input, path, pack, bindings, each);
    if (head.name === 'data') return this.data(path, pack, bindings, each);
    const rules = pack.rules.get(head.name);
    const imported = pack.imports.get(head.name);
    if (rules) return this.ruleValue(rules, pack, path, pack, bindings, each);
    if (!imported) throw new UnavailableError(`the variable ${head.name} has no value`);
    const rest = imported.slice(1).map((value): Term => ({ kind: 'scalar', value }));
    if (imported[0] === 'input') return this.follow(this.input, [...rest, ...path], pack, bindings, each);
    return this.data([...rest, ...path], pack, bindings, each);
  }

  private ruleValue(
    rules: Rule[],
    from: Package,
    path: readonly Term[],
    pack: Package,
    bindings: Bindings,
    each: Each,
  ): void {
    if (rules.some((rule) => rule.kind === 'function')) throw new UnavailableError('a function as a value');
    const value = this.rule(rules, from);
    if (value !== undefined) this.follow(value, path, pack, bindings, each);
  }

  /** What stands below `data`: rules where a package has them, else the bundle's data. */
  private data(path: readonly Term[], pack: Package, bindings: Bindings, each: Each): void {
    const names = path.map((part) => (part.kind === 'scalar' && typeof part.value === 'string' ? part.value : null));
    const end = names.indexOf(null);
    const plain = (end < 0 ? names : names.slice(0, end)) as string[];
    const { rules, from, length, isPackage } = this.world.resolve(plain);
    if (rules && from) return this.ruleValue(rules, from, path.slice(length), pack, bindings, each);
    if (isPackage) throw new UnavailableError('a package as a value');
    this.follow(this.world.data, path, pack, bindings, each);
  }

  private follow(value: Value, path: readonly Term[], pack: Package, bindings: Bindings, each: Each): void {
    const [part, ...rest] = path;
    if (!part) return each(value, bindings);
    const isFree = part.kind === 'var' && !bindings.has(part.name) && !this.isGlobal(part.name, pack);
    if (isFree) {
      for (const [key, item] of isContainer(value) ? entries(value) : []) {
        this.count();
        this.follow(item, rest, pack, new Map(bindings).set(part.name, key), each);
      }
      return;
    }
    this.each(part, pack, bindings, (key, found) => {
      const item = member(value, key);
      if (item !== undefined) this.follow(item, rest, pack, found, each);
    });
  }

  private count(): void {
    this.steps += 1;
    if (this.steps > MOST_STEPS) throw new UnavailableError(`the policy needs more than ${MOST_STEPS} steps`);
  }
}

function pairs(parts: readonly Value[]): [Value, Value][] {
  const found: [Value, Value][] = [];
  for (let at = 0; at < parts.length; at += 2) found.push([parts[at] as Value, parts[at + 1] as Value]);
  return found;
}

function isContainer(value: Value): boolean {
  return typeof value === 'object' && value !== null;
}

/** Keys and items of a list, an object or a set. */
function entries(value: Value): [Value, Value][] {
  if (Array.isArray(value)) return value.map((item: Value, at): [Value, Value] => [at, item]);
  if (value instanceof RegoSet) return [...value.members.values()].map((item) => [item, item]);
  if (isRegoObject(value)) return Object.entries(value);
  if (typeof value === 'string') throw new UnavailableError('a text as a collection');
  return [];
}

function member(value: Value, key: Value): Value | undefined {
  if (Array.isArray(value)) return typeof key === 'number' ? (value[key] as Value | undefined) : undefined;
  if (value instanceof RegoSet) return value.members.get(spelling(key));
  if (isRegoObject(value)) return typeof key === 'string' ? value[key] : undefined;
  if (typeof value === 'string' && typeof key === 'number') throw new UnavailableError('a text as a list');
  return undefined;
}

const LOCALS = new WeakMap<Body, ReadonlySet<string>>();

/** The names that a body itself gives values to. */
function localsOf(body: Body): ReadonlySet<string> {
  let names = LOCALS.get(body);
  if (!names) {
    const found = body.flatMap((literal) => {
      if (literal.kind === 'declare') return literal.names;
      if (literal.kind === 'assign') return literal.isUnify ? [] : [literal.name];
      if (literal.kind !== 'some-in') return [];
      return [literal.key, literal.item].flatMap((term) => (term?.kind === 'var' ? [term.name] : []));
    });
    names = new Set(found);
    LOCALS.set(body, names);
  }
  return names;
}

/** Variables that must have a value before a term has one; those in the brackets of a reference get theirs from it. */
function freeNames(term: Term): string[] {
  switch (term.kind) {
    case 'scalar':
      return [];
    case 'var':
      return [term.name];
    case 'ref':
      return [...freeNames(term.head), ...term.path.flatMap((part) => (part.kind === 'var' ? [] : freeNames(part)))];
    case 'call':
      return term.args.flatMap(freeNames);
    case 'array':
    case 'set':
      return term.items.flatMap(freeNames);
    case 'object':
      return term.members.flat().flatMap(freeNames);
    case 'infix':
      return [...freeNames(term.left), ...freeNames(term.right)];
    case 'in':
      return [term.key, term.item, term.within].flatMap((part) => (part ? freeNames(part) : []));
    default:
      // A comprehension gives its own variables values; what it lacks from outside is found when it is evaluated.
      return [];
  }
}
