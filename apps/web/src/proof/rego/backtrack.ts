/**
 * Regular expressions as a backtracking engine matches them, with its steps counted: the pinned engine is one, and what
 * takes it too long is its error. Only patterns that all engines read alike.
 */

import { UnavailableError } from '../values.ts';

/** Up to here the pinned engine surely answers in its five seconds. */
const SURE_STEPS = 1_000_000;
/** From here on it surely does not. */
const MOST_STEPS = 200_000_000;

type Then = (at: number) => boolean;
type Node = (at: number, then: Then) => boolean;

/** Too many steps for any machine to answer in time. */
export class EndlessError extends Error {
  override name = 'EndlessError';
}

/** Whether the pattern matches somewhere in the text; throws EndlessError, UnavailableError. */
export function matches(pattern: string, text: string): boolean {
  if (!/^[ -~]*$/.test(pattern) || !/^[ -~]*$/.test(text)) {
    throw new UnavailableError('a regular expression beyond ASCII');
  }
  const matcher = new Matcher(pattern, text);
  const found = matcher.search();
  if (matcher.steps > SURE_STEPS) throw new UnavailableError('a regular expression that takes long');
  return found;
}

class Matcher {
  steps = 0;
  private at = 0;
  private readonly pattern: string;
  private readonly text: string;
  private readonly root: Node;

  constructor(pattern: string, text: string) {
    this.pattern = pattern;
    this.text = text;
    this.root = this.alternatives();
    if (this.at < pattern.length) throw this.unread();
  }

  search(): boolean {
    for (let start = 0; start <= this.text.length; start++) if (this.root(start, () => true)) return true;
    return false;
  }

  private alternatives(): Node {
    const nodes = [this.sequence()];
    while (this.took('|')) nodes.push(this.sequence());
    return nodes.length === 1 ? (nodes[0] as Node) : (at, then) => nodes.some((node) => node(at, then));
  }

  private sequence(): Node {
    const nodes: Node[] = [];
    while (this.at < this.pattern.length && !'|)'.includes(this.here)) nodes.push(this.quantified());
    if (!nodes.length) throw this.unread();
    return nodes.reduceRight((after, node) => (at, then) => node(at, (next) => after(next, then)));
  }

  private quantified(): Node {
    const node = this.atom();
    const sign = this.here;
    if (!sign || !'*+?'.includes(sign)) return node;
    this.at += 1;
    if (this.here && '*+?{'.includes(this.here)) throw this.unread();
    if (sign === '?') return (at, then) => node(at, then) || then(at);
    const many = (at: number, then: Then, isFirst: boolean): boolean =>
      node(at, (next) => next > at && many(next, then, false)) || (!(isFirst && sign === '+') && then(at));
    return (at, then) => many(at, then, true);
  }

  private atom(): Node {
    const sign = this.here;
    this.at += 1;
    if (sign === '(') {
      if (this.here === '?') throw this.unread();
      const inner = this.alternatives();
      if (!this.took(')')) throw this.unread();
      return inner;
    }
    if (sign === '^') return (at, then) => at === 0 && then(at);
    if (sign === '$') return (at, then) => at === this.text.length && then(at);
    if (sign === '.') return this.one(() => true);
    if (sign === '[') return this.one(this.members());
    if ('*+?{}\\])'.includes(sign)) throw this.unread();
    return this.one((character) => character === sign);
  }

  private members(): (character: string) => boolean {
    const isNegated = this.took('^');
    const ranges: [string, string][] = [];
    while (!this.took(']')) {
      const first = this.here;
      if (!/[A-Za-z0-9_.,:@/ -]/.test(first)) throw this.unread();
      this.at += 1;
      const isRange = this.here === '-' && /[A-Za-z0-9]/.test(this.pattern[this.at + 1] ?? '');
      if (isRange) this.at += 1;
      const last = isRange ? this.here : first;
      if (isRange) this.at += 1;
      if (last < first) throw this.unread();
      ranges.push([first, last]);
    }
    return (character) =>
      ranges.some(([first, last]) => first <= character && character <= last) !== isNegated;
  }

  private one(fits: (character: string) => boolean): Node {
    return (at, then) => {
      this.steps += 1;
      if (this.steps > MOST_STEPS) throw new EndlessError('a regular expression that does not end');
      const character = this.text[at];
      return character !== undefined && fits(character) && then(at + 1);
    };
  }

  private get here(): string {
    return this.pattern[this.at] ?? '';
  }

  private took(sign: string): boolean {
    if (this.here !== sign) return false;
    this.at += 1;
    return true;
  }

  private unread(): UnavailableError {
    return new UnavailableError(`the regular expression ${JSON.stringify(this.pattern)} is not read here`);
  }
}
