/** A place in a list of tokens. */

import { UnavailableError } from '../values.ts';
import type { Token } from './lexer.ts';
import { RegoError } from './syntax.ts';

export class Cursor {
  private at = 0;
  private readonly tokens: readonly Token[];

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  get token(): Token {
    return this.tokens[Math.min(this.at, this.tokens.length - 1)] as Token;
  }

  get next(): Token {
    return this.tokens[Math.min(this.at + 1, this.tokens.length - 1)] as Token;
  }

  /** True for this sign or keyword. */
  is(text: string): boolean {
    return this.token.text === text && (this.token.kind === 'sign' || this.token.kind === 'name');
  }

  take(): Token {
    const { token } = this;
    this.at += 1;
    return token;
  }

  /** Take this sign or keyword if it stands here. */
  took(text: string): boolean {
    if (!this.is(text)) return false;
    this.at += 1;
    return true;
  }

  expect(text: string): void {
    if (!this.took(text)) throw this.fault(`expected ${text}`);
  }

  name(): string {
    if (this.token.kind !== 'name') throw this.fault('expected a name');
    return this.take().text;
  }

  /** Something is missing at the end of the text: an error in every engine. Elsewhere only this reader is at a loss. */
  fault(message: string): Error {
    if (this.token.kind === 'end') return new RegoError(`${message} at the end`);
    const told = `line ${this.token.line}: ${message}, got ${JSON.stringify(this.token.text)}`;
    return new UnavailableError(`${told}: not read here`);
  }
}
