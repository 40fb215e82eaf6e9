/** What the verifier is asked, of the files that a person chose. Pure. */

import type { Artifact } from '../proof/exports.ts';
import type { Request } from '../proof/protocol.ts';
import type { Profile } from '../proof/report.ts';
import { headOf, isRedacted, type Kind } from './recognise.ts';

/** A file that was taken; `digest` is of its bytes, as `sha256:…`. */
export interface Item {
  readonly id: string;
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly digest: string;
  readonly kind: Kind;
  /** Where it came from, when no person chose it. */
  readonly fromService?: boolean;
}

export interface Question {
  readonly head: Item;
  readonly trust: Uint8Array<ArrayBuffer>;
  readonly profile: Profile;
  readonly children: readonly Item[];
  readonly payloads: readonly Item[];
  readonly artifacts: readonly Item[];
}

/** Of those files, the proof that is asked about: the chosen one, else the one that no other names. */
export function headItem(items: readonly Item[], chosen: string | null): Item | null {
  const proofs = items.filter((item) => item.kind === 'proof');
  const named = proofs.find((item) => item.id === chosen);
  return named ?? proofs[headOf(proofs.map((item) => item.bytes))] ?? null;
}

/** The last trust file that was chosen, or null. */
export function trustItem(items: readonly Item[]): Item | null {
  return items.findLast((item) => item.kind === 'trust') ?? null;
}

/** What can end well: where values were left out, nobody can compute them again. */
export function profileOf(head: Item): Profile {
  return isRedacted(head.bytes) ? 'disclosure' : 'full';
}

export function questionOf(
  items: readonly Item[],
  head: Item,
  trust: Uint8Array<ArrayBuffer>,
  profile: Profile,
): Question {
  const of = (kind: Kind): Item[] => items.filter((item) => item.kind === kind && item !== head);
  return {
    head,
    trust,
    profile,
    children: of('proof'),
    payloads: of('payload'),
    artifacts: of('artifact'),
  };
}

/** Copies: what is handed to the worker is gone from the page. */
export function requestOf(question: Question, id: number): Request & { kind: 'verify' } {
  const copy = (bytes: Uint8Array<ArrayBuffer>): ArrayBuffer => bytes.slice().buffer;
  const { artifacts, children, head, payloads, profile, trust } = question;
  const files = artifacts.map(({ bytes, digest, name }): Artifact => ({ name, digest, size: bytes.length }));
  return {
    kind: 'verify',
    id,
    manifest: copy(head.bytes),
    trust: copy(trust),
    profile,
    payloads: new Map(payloads.map((item) => [item.digest, copy(item.bytes)])),
    proofs: children.map((item) => copy(item.bytes)),
    expectations: { artifacts: files },
  };
}

/** The same on a command line, for who has the files in a folder. */
export function commandOf({ artifacts, children, head, payloads, profile }: Question): string {
  const quoted = (name: string): string =>
    /^[\w./-]+$/.test(name) ? name : `'${name.replaceAll("'", String.raw`'\''`)}'`;
  return [
    'pcq-verify',
    quoted(head.name),
    '--trust trust.json',
    ...(profile === 'full' ? [] : [`--profile ${profile}`]),
    ...children.map((item) => `--proof ${quoted(item.name)}`),
    ...(payloads.length ? ['--payloads .'] : []),
    ...artifacts.map((item) => `--artifact ${quoted(item.name)}`),
  ].join(' ');
}
