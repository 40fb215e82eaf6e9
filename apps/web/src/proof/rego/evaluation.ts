/** The values of terms. */

import { UnavailableError } from '../values.ts';
import { isAllowed } from './allowed.ts';
import { callBuiltin, isImplemented } from './builtins.ts';
import { entries, pairs } from './collections.ts';
import { infix } from './operators.ts';
import { References, type Bindings, type Each, type Then } from './references.ts';
import { RegoError, type Body, type Rule, type Term } from './syntax.ts';
import { equal, regoObject, RegoSet, type Value } from './value.ts';
import type { Package } from './world.ts';

export abstract class Terms extends References {
  /** `then` for every way in which all literals hold. */
  protected abstract body(body: Body, pack: Package, bindings: Bindings, then: Then): void;

  /** The value of a function of the bundle. */
  protected abstract function(rules: Rule[], args: readonly Value[], pack: Package): Value | undefined;

  /** `each` for every value that a term has. */
  protected override each(term: Term, pack: Package, bindings: Bindings, each: Each): void {
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
        return this.all(term.members.flat(), pack, bindings, (parts, found) =>
          each(regoObject(pairs(parts)), found),
        );
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
          this.all([term.key, term.value], pack, found, ([key, value]) =>
            members.push([key as Value, value as Value]),
          );
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

  protected all(
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
}
