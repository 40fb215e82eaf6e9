/**
 * Which expressions the engine here and the pinned one evaluate alike, found by comparing them (a test goes on doing so).
 * What is not known to agree is not evaluated: it has no value here, rather than perhaps another one.
 */

import { UnavailableError } from '../values.ts';
import { QUOTED } from './quoted.ts';
import type { Json } from '../json/value.ts';
import { HAS_ASTRAL, HAS_ODD_NUMBER, HAS_INDEX_NAME, HAS_NULL, traitsOf } from './traits.ts';

/** A node of the engine's tree, of which its own types tell less than it has. */
export interface Node {
  readonly type?: string;
  readonly value?: unknown;
  readonly [member: string]: unknown;
}

/** What is known of an expression before it is evaluated. */
export interface Reading {
  /** Why it may have another value elsewhere, or empty. */
  readonly problem: string;
  /** Traits of data under which it may. */
  readonly unless: number;
  /** True when evaluating it changes nothing in the data. */
  readonly isHarmless: boolean;
}

const FUNCTIONS = new Set([
  'abs',
  'append',
  'average',
  'boolean',
  'ceil',
  'contains',
  'count',
  'distinct',
  'error',
  'exists',
  'filter',
  'floor',
  'join',
  'keys',
  'length',
  'lowercase',
  'map',
  'max',
  'merge',
  'min',
  'not',
  'number',
  'reduce',
  'replace',
  'reverse',
  'round',
  'sort',
  'split',
  'sqrt',
  'string',
  'substring',
  'substringAfter',
  'substringBefore',
  'sum',
  'trim',
  'type',
  'uppercase',
  'pad',
  'power',
  'lookup',
  'assert',
  'zip',
  // Refused ones fail in every engine.
  'now',
  'millis',
  'random',
  'eval',
  'shuffle',
]);
const OVER_FUNCTIONS = new Set(['map', 'filter', 'reduce']);
const SEES_ORDER = new Set(['keys', 'string', 'zip']);
const HARMLESS = new Set([
  'path',
  'name',
  'number',
  'string',
  'value',
  'binary',
  'variable',
  'condition',
  'block',
  'function',
  'filter',
]);
const TYPES = new Set([...HARMLESS, 'unary', 'lambda', 'wildcard', 'bind', 'sort', 'regex']);
const PLACES: readonly unknown[] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
// Literal characters, classes of letters and digits, anchors and plain repetition.
const PATTERN = /^\^?(?:(?:[A-Za-z0-9 "',:;_@#=!<>&%~-]|\[[A-Za-z0-9 _-]+\])[*+?]?)*\$?$/;

/** Looks through an expression. */
export function read(root: Node, source: string): Reading {
  const reader = new Reader();
  // Engines bind these two in different ways, and the tree does not show them.
  if (/\?\?|\?:/.test(source.replace(QUOTED, ' '))) reader.refuse('the operators ?? and ?:');
  reader.node(root);
  return reader.reading();
}

/** Throws UnavailableError when the expression over these data may have another value in the pinned engine. */
export function mustAgree(reading: Reading, data: Json): void {
  if (reading.problem) throw new UnavailableError(`not evaluated here: ${reading.problem}`);
  if (reading.unless && traitsOf(data) & reading.unless) {
    throw new UnavailableError(
      'not evaluated here: engines differ on such data (null, names like 0, characters beyond U+FFFF)',
    );
  }
}

class Reader {
  private problem = '';
  private unless = 0;
  private isHarmless = true;
  private seesOrder = false;
  private computesNames = false;
  private hasNull = false;

  reading(): Reading {
    if (this.seesOrder) this.unless |= HAS_INDEX_NAME;
    if (this.hasNull && this.unless & HAS_NULL) this.refuse('a null in front of a function');
    if (this.seesOrder && this.computesNames) this.refuse('the order of computed names');
    return { problem: this.problem, unless: this.unless, isHarmless: this.isHarmless };
  }

  node(node: Node): void {
    const type = node.type ?? '';
    if (!TYPES.has(type)) this.refuse(`the syntax of ${type || 'this expression'}`);
    if (!HARMLESS.has(type)) this.isHarmless = false;
    for (const member of ['keepArray', 'consarray', 'focus', 'index', 'tuple', 'ancestor', 'seekingParent']) {
      if (node[member] === undefined || node[member] === false) continue;
      this.isHarmless = false;
      if (member !== 'keepArray' && member !== 'consarray') this.refuse(`the operator behind ${member}`);
    }
    this.special(type, node);
    this.inner(node);
  }

  private special(type: string, node: Node): void {
    if (type === 'binary') this.binary(node);
    else if (type === 'function') this.call(node);
    else if (type === 'wildcard') this.seesOrder = true;
    else if (type === 'regex') this.regex(node);
    else if (type === 'path') this.path(node);
    else if (type === 'unary') this.unary(node);
    else if (type === 'value' && node.value === null) this.hasNull = true;
    else if (type === 'lambda' && node['thunk'] !== true && node['signature'] !== undefined)
      this.refuse('a signature');
    if ('group' in node) {
      this.isHarmless = false;
      this.computesNames = true;
      if (type !== 'path') this.refuse('grouping of what is no path');
    }
  }

  private binary(node: Node): void {
    const operator = String(node.value);
    if (operator === '&') this.seesOrder = true;
    if (['<', '>', '<=', '>='].includes(operator)) this.unless |= HAS_ASTRAL;
    if (
      !['+', '-', '*', '/', '=', '!=', '<', '>', '<=', '>=', '&', 'and', 'or', 'in', '..'].includes(operator)
    ) {
      this.refuse(`the operator ${operator}`);
    }
  }

  private call(node: Node): void {
    const procedure = node['procedure'] as Node | undefined;
    const name = procedure?.type === 'variable' ? String(procedure.value) : '';
    const count = (node['arguments'] as unknown[] | undefined)?.length ?? 0;
    if (!FUNCTIONS.has(name) && !this.bound.has(name))
      this.refuse(`the function ${name ? `$${name}` : 'that is computed'}`);
    if (OVER_FUNCTIONS.has(name)) this.unless |= HAS_NULL;
    if (SEES_ORDER.has(name)) this.seesOrder = true;
    if (name === 'sort') this.unless |= HAS_ASTRAL | HAS_NULL;
    if (name === 'sort' && count > 1) this.refuse('a sort by a function');
    if (name === 'merge') this.isHarmless = false;
    const [first, second] = (node['arguments'] ?? []) as Node[];
    if (name === 'number') this.unless |= HAS_ODD_NUMBER;
    if (name === 'number' && first?.type !== 'path') this.refuse('$number of what is no path');
    if (name === 'exists' && first?.type !== 'path') this.refuse('$exists of what is no path');
    if (name === 'round' && second && !PLACES.includes(second.value))
      this.refuse('$round to a computed place');
  }

  private regex(node: Node): void {
    const pattern = node.value instanceof RegExp ? node.value : null;
    if (!pattern || pattern.flags.replace('g', '') || !PATTERN.test(pattern.source))
      this.refuse('a regular expression');
  }

  private path(node: Node): void {
    const steps = (node['steps'] ?? []) as Node[];
    const at = steps.findIndex((step) => step.type === 'sort');
    if (at < 0) return;
    this.unless |= HAS_ASTRAL | HAS_NULL;
    const plain = steps.slice(0, at).every((step) => step.type === 'name' || step.type === 'variable');
    if (!at || !plain) this.refuse('a sort of what is no plain path');
  }

  private unary(node: Node): void {
    if (node.value !== '{') return;
    const pairs = (node['lhs'] ?? []) as [Node, Node][];
    if (pairs.some(([name]) => name.type !== 'string' || /^[0-9]/.test(String(name.value))))
      this.computesNames = true;
  }

  private readonly bound = new Set<string>();

  private inner(node: Node): void {
    if (node.type === 'bind') this.bound.add(String((node['lhs'] as Node).value));
    if (node.type === 'lambda')
      for (const item of (node['arguments'] ?? []) as Node[]) this.bound.add(String(item.value));
    for (const [name, member] of Object.entries(node)) {
      if (name !== 'value' || node.type === 'unary') this.any(member);
    }
  }

  private any(member: unknown): void {
    if (Array.isArray(member)) member.forEach((item) => this.any(item));
    else if (typeof member === 'object' && member !== null && !(member instanceof RegExp)) {
      const node = member as Node;
      // Sort terms and groups are bundles of nodes without a type of their own.
      if (node.type === undefined) Object.values(node).forEach((item) => this.any(item));
      else this.node(node);
    }
  }

  refuse(problem: string): void {
    this.problem ||= problem;
  }
}
