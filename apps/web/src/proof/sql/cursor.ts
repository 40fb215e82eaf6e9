/** A place in a list of tokens. */

import { UnavailableError } from '../values.ts';
import type { Token } from './lexer.ts';
import { OTHER, RESERVED } from './words.ts';

// Parentheses within each other.
const MAX_DEPTH = 100;

export class Cursor {
  private at = 0;
  private depth = 0;
  private readonly tokens: readonly Token[];

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  get token(): Token {
    return this.ahead(0);
  }

  ahead(count: number): Token {
    return this.tokens[Math.min(this.at + count, this.tokens.length - 1)] as Token;
  }

  /** True for this sign or word. */
  is(...texts: readonly string[]): boolean {
    return (this.token.kind === 'sign' || this.token.kind === 'name') && texts.includes(this.token.text);
  }

  take(): Token {
    const { token } = this;
    this.at += 1;
    return token;
  }

  /** Take these signs or words if they stand here. */
  took(...texts: readonly string[]): boolean {
    const isHere = texts.every((text, count) => {
      const token = this.ahead(count);
      return token.text === text && (token.kind === 'sign' || token.kind === 'name');
    });
    if (isHere) this.at += texts.length;
    return isHere;
  }

  expect(...texts: readonly string[]): void {
    if (!this.took(...texts)) throw this.fault(`expected ${texts.join(' ').toUpperCase()}`);
  }

  /** True for what may be the name of a column or a table. */
  isName(): boolean {
    return this.token.kind === 'quoted' || (this.token.kind === 'name' && !RESERVED.has(this.token.text));
  }

  /** The name of a column, a table or a query. */
  name(): string {
    if (!this.isName()) throw this.fault('expected a name');
    return this.named();
  }

  /** A name behind AS or a dot, which may be any word. */
  label(): string {
    if (this.token.kind !== 'quoted' && this.token.kind !== 'name') throw this.fault('expected a name');
    return this.named();
  }

  /** A name that stands without AS: no word of the language, so that it is nothing else; null if there is none. */
  bareLabel(): string | null {
    const { kind, text } = this.token;
    const isLabel = kind === 'quoted' || (kind === 'name' && !RESERVED.has(text) && !OTHER.has(text));
    return isLabel ? this.named() : null;
  }

  private named(): string {
    const token = this.take();
    return token.kind === 'quoted' ? token.text : token.spelling;
  }

  /** What `read` reads, at most so many times within itself. */
  within<T>(read: () => T): T {
    this.depth += 1;
    if (this.depth > MAX_DEPTH) throw new UnavailableError(`more than ${MAX_DEPTH} levels`);
    const found = read();
    this.depth -= 1;
    return found;
  }

  /** One or more, with commas between them. */
  list<T>(read: () => T): T[] {
    const found = [read()];
    while (this.took(',')) found.push(read());
    return found;
  }

  /** Only this reader is at a loss. */
  fault(message: string): UnavailableError {
    const { kind, spelling } = this.token;
    const told = kind === 'end' ? 'the end' : JSON.stringify(spelling.slice(0, 40));
    return new UnavailableError(`${message}, got ${told}`);
  }
}
