/** All packages of a bundle, and its data. */

import { UnavailableError } from '../values.ts';
import type { Module, Rule } from './syntax.ts';
import { isRegoObject, type Value } from './value.ts';

export interface Package {
  readonly rules: Map<string, Rule[]>;
  readonly imports: ReadonlyMap<string, readonly string[]>;
}

interface Resolved {
  readonly rules?: Rule[];
  readonly from?: Package;
  /** Number of names that lead to the rules. */
  readonly length: number;
  /** True when the names lead to a package, or to above one. */
  readonly isPackage: boolean;
}

export class World {
  readonly data: Value;
  readonly root: Package = { rules: new Map(), imports: new Map() };
  private readonly packages = new Map<string, Package>();

  constructor(modules: readonly Module[], data: Value) {
    this.data = data;
    for (const module of modules) this.add(module);
  }

  /** The rule that a path below `data` leads to. */
  resolve(path: readonly string[]): Resolved {
    for (let length = path.length - 1; length > 0; length--) {
      const from = this.packages.get(path.slice(0, length).join('.'));
      const rules = from?.rules.get(path[length] as string);
      if (rules && from) {
        this.refuseShadow(path.slice(0, length + 1));
        return { rules, from, length: length + 1, isPackage: false };
      }
    }
    const prefix = path.join('.');
    const isPackage = [...this.packages.keys()].some(
      (name) => !prefix || name === prefix || name.startsWith(`${prefix}.`) || prefix.startsWith(`${name}.`),
    );
    // Below a package that has no such rule there is nothing, unless the data have something.
    const isBelow = isPackage && [...this.packages.keys()].some((name) => prefix.startsWith(`${name}.`));
    return { length: 0, isPackage: isBelow ? this.value(path) !== undefined : isPackage };
  }

  /** The function that a call names: `data.` and a path, or an import and names. */
  ruleAt(name: readonly string[], pack: Package): [Rule[] | undefined, Package | undefined] {
    const imported = pack.imports.get(name[0] as string);
    const path = imported ? [...imported, ...name.slice(1)] : name;
    if (path[0] !== 'data') return [undefined, undefined];
    const { from, length, rules } = this.resolve(path.slice(1));
    return length === path.length - 1 ? [rules, from] : [undefined, undefined];
  }

  private add(module: Module): void {
    const name = module.path.join('.');
    const known = this.packages.get(name);
    if (known && (known.imports.size || module.imports.size)) {
      throw new UnavailableError(`imports in a package of several modules: ${name}`);
    }
    const pack = known ?? { rules: new Map<string, Rule[]>(), imports: module.imports };
    this.packages.set(name, pack);
    for (const rule of module.rules) {
      const rules = pack.rules.get(rule.name) ?? [];
      if (rules.some((other) => other.kind !== rule.kind)) {
        throw new UnavailableError(`rules of several kinds under one name: ${rule.name}`);
      }
      pack.rules.set(rule.name, [...rules, rule]);
    }
  }

  private refuseShadow(path: readonly string[]): void {
    if (this.value(path) !== undefined) throw new UnavailableError(`data where a rule is: ${path.join('.')}`);
  }

  private value(path: readonly string[]): Value | undefined {
    let reached: Value | undefined = this.data;
    for (const name of path)
      reached = reached !== undefined && isRegoObject(reached) ? reached[name] : undefined;
    return reached;
  }
}
