/** Tokens of SQL. What is not certain to be read alike by the pinned engine throws UnavailableError. */

import { UnavailableError } from '../values.ts';

export interface Token {
  readonly kind: 'name' | 'quoted' | 'text' | 'number' | 'sign' | 'end';
  /** A text or quoted name without its quotes; a name in lower case. */
  readonly text: string;
  /** As it is spelled. */
  readonly spelling: string;
}

const BLANK = /(?:[ \t\r\n]+|--[^\r\n]*(?=[\r\n]|$)|\/\*[^*/]*\*\/)+/y;
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER = /(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?/y;
const TEXT = /'((?:[^'\0]|'')*)'/y;
const QUOTED = /"((?:[^"\0]|"")+)"/y;
const SIGN = /->>|->|<>|!=|==|<=|>=|\/\/|\|\||::|[-+*/%<>=(),.;[\]{}:]/y;
const OPERATOR = /[-+*/%<>=|!~@#^&`?:]/;
// What may stand right behind an operator without being read as a part of it.
const IS_SIGNED = /^[-+*/<>=]$|^(?:<=|>=|<>|!=)$/;

export function tokensOf(source: string): Token[] {
  if (/\r(?!\n)/.test(source)) throw new UnavailableError('a carriage return alone');
  const found: Token[] = [];
  const lexer = new Lexer(source);
  for (;;) {
    const token = lexer.next();
    found.push(token);
    if (token.kind === 'end') return found;
  }
}

class Lexer {
  private at = 0;
  private readonly source: string;

  constructor(source: string) {
    this.source = source;
  }

  next(): Token {
    this.match(BLANK);
    const { at } = this;
    // A comment with a star or a slash in it, or one within another.
    if (this.source.startsWith('/*', at)) this.refuse(/\//, 'with a star');
    if (at === this.source.length) return { kind: 'end', text: '', spelling: '' };
    const name = this.match(NAME);
    if (name) {
      // `E'…'`, `X'…'`, names with letters of other alphabets.
      this.refuse(/['$\u0080-\uffff]/, 'behind a name');
      return { kind: 'name', text: name[0].toLowerCase(), spelling: name[0] };
    }
    const number = this.match(NUMBER);
    if (number) {
      this.refuse(/[A-Za-z0-9_.$\u0080-\uffff]/, 'behind a number');
      return { kind: 'number', text: number[0], spelling: number[0] };
    }
    const text = this.match(TEXT);
    if (text) return { kind: 'text', text: (text[1] as string).replaceAll("''", "'"), spelling: text[0] };
    const quoted = this.match(QUOTED);
    if (quoted) {
      return { kind: 'quoted', text: (quoted[1] as string).replaceAll('""', '"'), spelling: quoted[0] };
    }
    return this.sign();
  }

  private sign(): Token {
    const sign = this.match(SIGN)?.[0];
    if (sign === undefined) this.refuse(/[^]/, 'here');
    const next = this.source.charAt(this.at);
    const isMinus =
      next === '-' &&
      IS_SIGNED.test(sign as string) &&
      !/^--|^->/.test(this.source.slice(this.at, this.at + 2));
    if (OPERATOR.test(sign as string) && OPERATOR.test(next) && !isMinus && !this.isComment()) {
      throw new UnavailableError(`the operator ${sign}${next}`);
    }
    return { kind: 'sign', text: sign as string, spelling: sign as string };
  }

  private isComment(): boolean {
    return this.source.startsWith('--', this.at) || this.source.startsWith('/*', this.at);
  }

  private refuse(what: RegExp, where: string): void {
    const next = this.source.charAt(this.at);
    if (what.test(next)) throw new UnavailableError(`${JSON.stringify(next)} ${where}`);
  }

  private match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.source);
    if (found) this.at += found[0].length;
    return found;
  }
}
