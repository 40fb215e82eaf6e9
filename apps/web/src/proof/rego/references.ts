/** What names and paths lead to: variables, input, rules, data. */

import { UnavailableError } from '../values.ts';
import { entries, isContainer, member } from './collections.ts';
import type { Rule, Term } from './syntax.ts';
import type { Value } from './value.ts';
import type { Package, World } from './world.ts';

const MOST_STEPS = 2_000_000;

export type Bindings = ReadonlyMap<string, Value>;
export type Then = (bindings: Bindings) => void;
export type Each = (value: Value, bindings: Bindings) => void;

export abstract class References {
  protected readonly world: World;
  private readonly input: Value;
  private steps = 0;

  constructor(world: World, input: Value) {
    this.world = world;
    this.input = input;
  }

  /** `each` for every value that a term has. */
  protected abstract each(term: Term, pack: Package, bindings: Bindings, each: Each): void;

  /** The value of all definitions of a name. */
  protected abstract rule(rules: Rule[], pack: Package): Value | undefined;

  protected isGlobal(name: string, pack: Package): boolean {
    return name === 'data' || name === 'input' || pack.rules.has(name) || pack.imports.has(name);
  }

  protected reference(term: Term, pack: Package, bindings: Bindings, each: Each): void {
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

  protected ruleValue(
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
  protected data(path: readonly Term[], pack: Package, bindings: Bindings, each: Each): void {
    const names = path.map((part) =>
      part.kind === 'scalar' && typeof part.value === 'string' ? part.value : null,
    );
    const end = names.indexOf(null);
    const plain = (end < 0 ? names : names.slice(0, end)) as string[];
    const { rules, from, length, isPackage } = this.world.resolve(plain);
    if (rules && from) return this.ruleValue(rules, from, path.slice(length), pack, bindings, each);
    if (isPackage) throw new UnavailableError('a package as a value');
    this.follow(this.world.data, path, pack, bindings, each);
  }

  protected follow(value: Value, path: readonly Term[], pack: Package, bindings: Bindings, each: Each): void {
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

  protected count(): void {
    this.steps += 1;
    if (this.steps > MOST_STEPS) throw new UnavailableError(`the policy needs more than ${MOST_STEPS} steps`);
  }
}
