/** Proofs of executions that steps of the verified one began, as far as the caller has them (spec/execution.md, 6). */

import type { Definition } from './definition.ts';
import { parseJson, StrictJsonError } from './json/strict.ts';
import { isObject, type Json } from './json/value.ts';
import type { Manifest } from './manifest.ts';
import { FAULT, finding, type Finding, type Report } from './report.ts';
import type { Values } from './values.ts';

/** What a manifest that could be read says. */
export interface Told {
  readonly manifest: Manifest;
  readonly definition: Definition | null;
  readonly values: Values;
}

/** A manifest that was verified; `told` is null where it could not be read. */
export interface Verified {
  readonly report: Report;
  readonly told: Told | null;
}

/** Verifies one manifest of the family, under the same trust file and with the rest of the family. */
type Verify = (proof: Uint8Array) => Promise<Verified>;

/** Each proof is verified once, when a step names its execution. */
export class Family {
  private readonly proofs = new Map<string, Uint8Array>();
  private readonly verified = new Map<string, Verified | null>();
  private readonly unreadable: Finding[] = [];
  private readonly said = new Set<string>();
  private readonly verify: Verify;

  constructor(proofs: readonly Uint8Array[], verify: Verify) {
    this.verify = verify;
    for (const [index, proof] of proofs.entries()) {
      const name = executionOf(proof);
      if (name !== null && !this.proofs.has(name)) this.proofs.set(name, proof);
      else {
        const problem = name === null ? 'is no manifest' : `is another one of execution ${name}`;
        this.unreadable.push(finding(FAULT.malformed, `proof ${index + 1} of those given`, problem));
      }
    }
  }

  /** What no proof was given of. */
  get notes(): readonly string[] {
    return [...this.said];
  }

  note(text: string): void {
    this.said.add(text);
  }

  has(executionId: string): boolean {
    return this.proofs.has(executionId);
  }

  /** The proof of an execution, verified; null while it is being verified, because it names itself, or if it is not there. */
  async of(executionId: string): Promise<Verified | null> {
    const proof = this.proofs.get(executionId);
    if (proof && !this.verified.has(executionId)) {
      this.verified.set(executionId, null);
      this.verified.set(executionId, await this.verify(proof));
    }
    return this.verified.get(executionId) ?? null;
  }

  /** Findings for proofs that nobody can read, or whose execution no step named so far. */
  strangers(): Finding[] {
    const unnamed = [...this.proofs.keys()].filter((name) => !this.verified.has(name));
    return [
      ...this.unreadable,
      ...unnamed.map((name) =>
        finding(FAULT.notReproduced, `proof of execution ${name}`, 'no step names this execution'),
      ),
    ];
  }
}

function executionOf(proof: Uint8Array): string | null {
  let value: Json;
  try {
    value = parseJson(proof);
  } catch (error) {
    if (error instanceof StrictJsonError) return null;
    throw error;
  }
  const name = isObject(value) ? value['executionId'] : null;
  return typeof name === 'string' ? name : null;
}
