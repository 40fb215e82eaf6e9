/** Tokens of Rego. What is not certain to be read alike by the pinned engine throws UnavailableError. */

import { UnavailableError } from '../values.ts';
import { RegoError } from './syntax.ts';

export interface Token {
  readonly kind: 'name' | 'string' | 'number' | 'sign' | 'end';
  readonly text: string;
  /** True for the first token of a line. */
  readonly isFirst: boolean;
  /** True when white space stands before it. */
  readonly isApart: boolean;
  readonly line: number;
}

const SPACE = /[ \t\r\n]+/y;
const COMMENT = /#[^\n]*/y;
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER = /(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const STRING = /"([^"\\\n]*)"/y;
const RAW = /`([^`]*)`/y;
const SIGN = /:=|==|!=|<=|>=|[-+*/%&|<>=.,;:()[\]{}]/y;

export function tokensOf(source: string): Token[] {
  return new Lexer(source).tokens();
}

class Lexer {
  private at = 0;
  private line = 1;
  private isFirst = true;
  private isApart = true;
  private readonly found: Token[] = [];
  private readonly source: string;

  constructor(source: string) {
    this.source = source;
  }

  tokens(): Token[] {
    while (this.skip()) this.token();
    this.add('end', '');
    return this.found;
  }

  private token(): void {
    const first = this.source.charAt(this.at);
    if (first === '"') return this.string();
    if (first === '`') return this.raw();
    const name = this.match(NAME);
    if (name) return this.add('name', name);
    const number = this.match(NUMBER);
    if (number) return this.add('number', number);
    const sign = this.match(SIGN);
    if (sign) return this.add('sign', sign);
    throw new UnavailableError(`line ${this.line}: ${JSON.stringify(first)} is not read here`);
  }

  private string(): void {
    const line = this.source.slice(this.at).split('\n', 1)[0] as string;
    const text = this.match(STRING);
    if (text) return this.add('string', text.slice(1, -1));
    // The pinned engine compares an escape as it is spelled.
    if (line.includes('\\')) throw new UnavailableError(`line ${this.line}: an escape in a text`);
    throw new RegoError(`line ${this.line}: a text that does not end`);
  }

  private raw(): void {
    const text = this.match(RAW);
    if (!text) throw new RegoError(`line ${this.line}: a raw text that does not end`);
    if (/[\\"\n]/.test(text))
      throw new UnavailableError(`line ${this.line}: a raw text with a backslash or a quote`);
    this.add('string', text.slice(1, -1));
  }

  /** Past white space and comments; false at the end. */
  private skip(): boolean {
    for (;;) {
      const space = this.match(SPACE);
      const lines = space.split('\n').length - 1;
      this.line += lines;
      if (lines) this.isFirst = true;
      if (space) this.isApart = true;
      if (this.source.charAt(this.at) !== '#') break;
      const isAfterPackage = this.found.some((token) => token.line === this.line && token.text === 'package');
      this.match(COMMENT);
      // The pinned engine refuses a comment in these two places.
      if (isAfterPackage) throw new UnavailableError(`line ${this.line}: a comment behind \`package\``);
      if (this.at === this.source.length) throw new UnavailableError('a comment that no line feed ends');
    }
    return this.at < this.source.length;
  }

  private add(kind: Token['kind'], text: string): void {
    this.found.push({ kind, text, isFirst: this.isFirst, isApart: this.isApart, line: this.line });
    this.isFirst = false;
    this.isApart = false;
  }

  private match(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const text = pattern.exec(this.source)?.[0] ?? '';
    this.at += text.length;
    return text;
  }
}
