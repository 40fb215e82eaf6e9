/**
 * Recorded values of steps, put together from what is shown, and what a step may see of the steps before it. A value that
 * is redacted, or whose bytes nobody has, throws UnavailableError: the check that needs it did not happen.
 */

import { digest } from './encoding.ts';
import { canonicalText } from './json/canonical.ts';
import { parseJson } from './json/strict.ts';
import { isObject, objectOf, type Json, type JsonObject } from './json/value.ts';
import {
  byteLength,
  fieldsOf,
  INLINE_LIMIT,
  markerOf,
  type Field,
  type Manifest,
  type Section,
  type Step,
} from './manifest.ts';
import type { Library } from './materials.ts';
import { FAULT, finding, type Finding } from './report.ts';
import { got } from './shape/shapes.ts';
import { utf8 } from './bytes.ts';

/** A value that a check needs is redacted or missing, or an engine here cannot do what is asked; the message says which. */
export class UnavailableError extends Error {
  override name = 'UnavailableError';
}

export class Values {
  private readonly steps: ReadonlyMap<string, Step>;
  private readonly dependsOn: Manifest['dependsOn'];
  private readonly library: Library;
  private readonly known = new Map<Section, Json>();

  constructor(manifest: Manifest, library: Library) {
    this.steps = new Map(manifest.steps.map((step) => [step.stepId, step]));
    this.dependsOn = manifest.dependsOn;
    this.library = library;
  }

  /** The recorded inputs of a step; throws UnavailableError. */
  inputs(stepId: string): Json {
    return this.assembled(this.step(stepId), 'inputs');
  }

  /** The recorded outputs of a step; throws UnavailableError. */
  outputs(stepId: string): Json {
    return this.assembled(this.step(stepId), 'outputs');
  }

  /** The step as the file has it. */
  step(stepId: string): Step {
    const step = this.steps.get(stepId);
    if (!step) throw new UnavailableError(`step ${stepId} is missing`);
    return step;
  }

  /** All steps that this one depends on, directly or not, and that were not skipped. */
  ancestors(stepId: string): Set<string> {
    const found = new Set<string>();
    const waiting = [...(this.dependsOn.get(stepId) ?? [])];
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      if (found.has(name)) continue;
      found.add(name);
      waiting.push(...(this.dependsOn.get(name) ?? []));
    }
    for (const name of found) if (this.step(name).outcome === 'skipped') found.delete(name);
    return found;
  }

  private assembled(step: Step, name: 'inputs' | 'outputs'): Json {
    const section = step.sections[name];
    let value = this.known.get(section);
    if (value === undefined) {
      const members = [...section.fields].map(
        ([key, field]) => [key, this.value(field, `${step.name}, ${name}.${key}`)] as const,
      );
      const [whole] = members;
      value = section.whole && whole ? whole[1] : objectOf(members);
      this.known.set(section, value);
    }
    return value;
  }

  private value(field: Field, where: string): Json {
    if (field.hidden !== null) throw new UnavailableError(`${where} is redacted`);
    const marker = markerOf(field);
    if (marker === null) return field.value;
    const key = marker['$digest'] as string;
    const data = this.library.get(key);
    // The bytes may come from a place that somebody else can write, so they are hashed at every use.
    if (data === null || digest(data) !== key) {
      throw new UnavailableError(`${where}: the detached bytes ${key} are missing`);
    }
    return parseJson(data);
  }
}

/** Findings where a recomputed value and the recorded section differ, field by field. */
export function compare(expected: Json, section: Section, name: string): Finding[] {
  const [fields] = fieldsOf(expected);
  const [wanted, found] = [[...fields.keys()].sort(), [...section.fields.keys()].sort()];
  if (canonicalText(wanted) !== canonicalText(found)) {
    const message = `expected members ${got(wanted)}, got ${got(found)}`;
    return [finding(FAULT.notReproduced, `${name}, ${section.name}`, message)];
  }
  const findings: Finding[] = [];
  for (const [key, value] of fields) {
    const field = section.fields.get(key) as Field;
    const where = `${name}, ${section.name}.${key}`;
    if (field.hidden !== null) {
      findings.push(finding(FAULT.incomplete, where, 'is redacted'));
      continue;
    }
    const encoded = recordedForm(value);
    if (encoded !== field.encoded) {
      const message = `expected ${cut(encoded)} when recomputed, got ${cut(field.encoded)}`;
      findings.push(finding(FAULT.notReproduced, where, message));
    }
  }
  return findings;
}

/** `J` of what is recorded for a field value: the value, or the marker of its detached bytes. */
function recordedForm(value: Json): string {
  const encoded = canonicalText(value);
  if (!mustDetach(value, byteLength(encoded))) return encoded;
  const data = utf8(encoded);
  const marker: JsonObject = { $digest: digest(data), size: data.length, mediaType: 'application/json' };
  return canonicalText(marker);
}

/** True for a value that is recorded as a marker. */
export function mustDetach(value: Json, size: number): boolean {
  return size > INLINE_LIMIT || (isObject(value) && ('$digest' in value || '$redacted' in value));
}

function cut(encoded: string): string {
  return encoded.length <= 80 ? encoded : encoded.slice(0, 77).toWellFormed() + '...';
}
