/** Check `payloads`: detached bytes against their markers. */

import { digest } from './encoding.ts';
import { readJson, StrictJsonError, type StrictDocument } from './json/strict.ts';
import type { JsonObject } from './json/value.ts';
import { markerOf, type Manifest } from './manifest.ts';
import type { Library } from './materials.ts';
import { FAULT, finding, type Finding } from './report.ts';
import { mustDetach } from './values.ts';

interface Detached {
  readonly marker: JsonObject;
  readonly where: string;
}

/** Every detached value of a manifest. */
export function detachedValues(manifest: Manifest): Detached[] {
  return manifest.steps.flatMap((step) =>
    [step.sections.inputs, step.sections.outputs].flatMap((section) =>
      [...section.fields].flatMap(([key, field]) => {
        const marker = markerOf(field);
        return marker ? [{ marker, where: `${step.name}, ${section.name}.${key}` }] : [];
      }),
    ),
  );
}

/** Findings against detached bytes; a missing payload is one unless `tolerant`. */
export function checkPayloads(detached: readonly Detached[], library: Library, tolerant: boolean): Finding[] {
  return detached.flatMap(({ marker, where }) => {
    const key = marker['$digest'] as string;
    const data = library.get(key);
    if (data !== null) return problems(marker, data, where);
    return tolerant ? [] : [finding(FAULT.incomplete, where, `the detached bytes ${key} are missing`)];
  });
}

function problems(marker: JsonObject, data: Uint8Array, where: string): Finding[] {
  const key = marker['$digest'] as string;
  const size = marker['size'] as number;
  if (digest(data) !== key) {
    return [finding(FAULT.invalid, where, `expected bytes that hash to ${key}, got ${digest(data)}`)];
  }
  const findings: Finding[] = [];
  if (data.length !== size) {
    findings.push(finding(FAULT.invalid, where, `expected ${size} bytes, got ${data.length}`));
  }
  let document: StrictDocument;
  try {
    document = readJson(data);
  } catch (error) {
    if (!(error instanceof StrictJsonError)) throw error;
    findings.push(finding(FAULT.malformed, where, `the detached bytes are no strict JSON: ${error.message}`));
    return findings;
  }
  if (!document.isCanonical) {
    findings.push(
      finding(FAULT.malformed, where, 'the detached bytes are not the RFC 8785 form of their JSON'),
    );
  } else if (!mustDetach(document.value, data.length)) {
    findings.push(
      finding(FAULT.invalid, where, `${data.length} bytes are detached; expected the value itself`),
    );
  }
  return findings;
}
