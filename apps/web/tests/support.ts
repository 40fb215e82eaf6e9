/** The shared vectors, and how a test judges one. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { digest } from '../src/proof/encoding.ts';
import type { Artifact } from '../src/proof/exports.ts';
import type { Options } from '../src/proof/verify.ts';
import type { Profile } from '../src/proof/report.ts';

export const VECTORS = join(import.meta.dirname, '../../../spec/vectors');

export interface Vector {
  readonly file: string;
  readonly trust: string;
  readonly options: readonly string[];
  readonly exit: number;
  readonly desc: string;
}

export function bytesOf(name: string): Uint8Array {
  return new Uint8Array(readFileSync(join(VECTORS, name)));
}

export function jsonOf<T>(name: string): T {
  return JSON.parse(readFileSync(join(VECTORS, name), 'utf8')) as T;
}

/** What the options of the command line say. */
export function optionsOf(given: readonly string[]): Options {
  const named = new Map<string, string>();
  for (let at = 0; at < given.length; at += 2) named.set(given[at] as string, given[at + 1] as string);
  const expectations = Object.fromEntries(
    ['root', 'runbook', 'outcome', 'executor', 'previous'].flatMap((name) => {
      const value = named.get(`--expect-${name}`);
      return value === undefined ? [] : [[name, value]];
    }),
  );
  const every = (option: string): string[] =>
    given.flatMap((item, at) => (item === option ? [given[at + 1] as string] : []));
  const folder = named.get('--payloads');
  return {
    profile: (named.get('--profile') ?? 'full') as Profile,
    expectations: { ...expectations, artifacts: every('--artifact').map(artifact) },
    proofs: every('--proof').map(bytesOf),
    ...(folder === undefined ? {} : { payloads: (key: string) => payload(folder, key) }),
  };
}

function artifact(name: string): Artifact {
  const data = bytesOf(name);
  return { name, digest: digest(data), size: data.length };
}

function payload(folder: string, key: string): Uint8Array | null {
  const name = join(VECTORS, folder, key.replace(':', '-'));
  return existsSync(name) ? new Uint8Array(readFileSync(name)) : null;
}
