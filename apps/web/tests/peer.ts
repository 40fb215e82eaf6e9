/** The engines of `pcq-verify`, asked in a process of their own. */

import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const PYTHON = process.env['PYTHON'] ?? join(import.meta.dirname, '../../../.venv/bin/python');

/** False where the Python verifier is not installed: then there is nobody to compare with. */
export const hasPeer = existsSync(PYTHON);

export class Peer {
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly waiting: ((line: string) => void)[] = [];

  constructor() {
    this.child = spawn(PYTHON, [join(import.meta.dirname, 'peer.py')]);
    createInterface({ input: this.child.stdout }).on('line', (line) => this.waiting.shift()?.(line));
    this.child.stderr.resume();
    this.child.on('exit', () => this.waiting.splice(0).forEach((answer) => answer('{"died": true}')));
  }

  /** The answer to one question; questions are answered in turn. */
  async ask<T>(question: Record<string, unknown>): Promise<T> {
    const line = await new Promise<string>((resolve) => {
      this.waiting.push(resolve);
      this.child.stdin.write(JSON.stringify(question) + '\n');
    });
    return JSON.parse(line) as T;
  }

  close(): void {
    this.child.stdin.end();
  }
}

/** A generator of numbers from 0 to 1 that always gives the same ones (mulberry32). */
export class Chance {
  private state: number;

  constructor(seed: number) {
    this.state = seed;
  }

  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }
}
