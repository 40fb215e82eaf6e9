/** Files held against what the exports of an execution wrote (spec/pcq-v1.md, 9, check 19). */

import type { Definition } from './definition.ts';
import { StrictJsonError } from './json/strict.ts';
import { isObject, type Json, type JsonObject } from './json/value.ts';
import type { Manifest } from './manifest.ts';
import { FAULT, finding, type Finding } from './report.ts';
import { UnavailableError, type Values } from './values.ts';

/** A file that somebody has: its name, its digest and its size in bytes. */
export interface Artifact {
  readonly name: string;
  readonly digest: string;
  readonly size: number;
}

export class Exports {
  private readonly written: readonly { stepId: string; outputs: JsonObject }[];
  private readonly isKnown: boolean;

  constructor(manifest: Manifest, definition: Definition | null, values: Values) {
    this.isKnown = definition !== null;
    this.written = manifest.steps.flatMap(({ outcome, stepId }) => {
      const isExport = definition?.steps.get(stepId)?.kind === 'export';
      if (!isExport || (outcome !== 'done' && outcome !== 'overridden')) return [];
      try {
        const outputs = values.outputs(stepId);
        return isObject(outputs) ? [{ stepId, outputs }] : [];
      } catch (error) {
        if (error instanceof UnavailableError || error instanceof StrictJsonError) return [];
        throw error;
      }
    });
  }

  /** Findings for files that no export wrote. */
  check(artifacts: readonly Artifact[]): Finding[] {
    return artifacts.flatMap((artifact) => {
      if (!this.isKnown) {
        const message = 'the definition is missing, which says what is an export';
        return [finding(FAULT.incomplete, artifact.name, message)];
      }
      if (this.words([artifact]).length) return [];
      const message = `expected a file that an export wrote, got ${artifact.size} bytes that hash to ${artifact.digest}`;
      return [finding(FAULT.untrusted, artifact.name, message)];
    });
  }

  /** Which step wrote each of these files. */
  words(artifacts: readonly Artifact[]): string[] {
    return artifacts.flatMap(({ digest, name, size }) =>
      this.written
        .filter(({ outputs }) => outputs['digest'] === digest && outputs['size'] === size)
        .map(
          ({ outputs, stepId }) =>
            `${name} is the file ${text(outputs['file'])} that the step ${stepId} exported`,
        ),
    );
  }
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}
