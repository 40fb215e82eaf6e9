/** Materials: the bytes behind the digests, hashed again, and the documents that every judgement needs (spec, 7). */

import { fromBase64, utf8 } from './bytes.ts';
import { CLAIMS, type Claims } from './claims.ts';
import { checkDefinition, readDefinition, type Definition } from './definition.ts';
import { digest } from './encoding.ts';
import { readJson, StrictJsonError } from './json/strict.ts';
import type { Json, JsonObject } from './json/value.ts';
import { checkLicences, Registry } from './licences/registry.ts';
import type { Manifest } from './manifest.ts';
import { FAULT, finding, type Finding } from './report.ts';
import type { Models } from './steps/kind.ts';
import { checkModel, type Model } from './steps/score.ts';
import { anyValue, mapping, open, ShapeError, text, type Checker } from './shape/shapes.ts';

/** Fetches bytes by digest where the manifest does not carry them. */
export type Payloads = (digest: string) => Uint8Array | null;

export interface Bundle {
  readonly modules: Readonly<Record<string, string>>;
  readonly data: JsonObject;
}

const BUNDLE = open({ modules: mapping(text()), data: mapping(anyValue) });
const FREE = mapping(anyValue);

/** Bytes by digest: the manifest's materials first, then what the caller can fetch. */
export class Library {
  private readonly materials: Manifest['materials'];
  private readonly payloads: Payloads | null;

  constructor(manifest: Manifest, payloads: Payloads | null) {
    this.materials = manifest.materials;
    this.payloads = payloads;
  }

  /** The bytes, or null when nobody has them; the caller compares the digest. */
  get(key: string): Uint8Array | null {
    const material = this.materials[key];
    if (!material) return this.payloads ? this.payloads(key) : null;
    if (typeof material['text'] === 'string') return utf8(material['text']);
    return fromBase64(material['base64'] as string);
  }
}

/** What the context names, read; null for a document that is missing or not usable. */
export interface Documents {
  readonly definition: Definition | null;
  readonly provers: Claims | null;
  readonly policies: Bundle | null;
  readonly licences: Registry | null;
  readonly parameters: JsonObject | null;
  readonly models: Models;
}

/** The documents of a manifest, and every material that is missing, damaged or of the wrong shape. */
export function readDocuments(manifest: Manifest, library: Library): [Documents, Finding[]] {
  const findings = hashFindings(manifest, library);
  const spoiled = new Set(findings.map((item) => item.where));
  const { context, materials } = manifest;
  const read = (member: string, key: string, checker: Checker, isOptional = false): JsonObject | null => {
    const isThere = key in materials;
    if (!isThere && !isOptional) {
      findings.push(finding(FAULT.incomplete, `materials, ${member}`, `${key} is missing`));
    }
    // Only the parameters may lie beside the manifest instead of in it.
    if (spoiled.has(`materials.${key}`) || (!isThere && !isOptional)) return null;
    const data = library.get(key);
    return data && readDocument(data, key, `materials, ${member}`, checker, findings);
  };
  const definition = read('runbookDigest', context.runbookDigest, checkDefinition);
  const provers = read('provers', context.provers, CLAIMS);
  const policies = read('policies', context.policies, BUNDLE);
  const licences = read('licences', context.licences, checkLicences);
  const parameters = read('parametersDigest', context.parametersDigest, FREE, true);
  const models = readModels(manifest, library, spoiled, findings);
  const documents = {
    models,
    definition: definition && readDefinition(definition),
    provers: provers as Claims | null,
    policies: policies as unknown as Bundle | null,
    licences: licences && new Registry(licences),
    parameters,
  };
  return [documents, findings];
}

function readModels(
  { context, materials }: Manifest,
  library: Library,
  spoiled: ReadonlySet<string>,
  findings: Finding[],
): Models {
  const models = new Map<string, { digest: string; model: Model }>();
  for (const [name, key] of Object.entries(context.models)) {
    const where = `materials, models.${name}`;
    const data = key in materials ? library.get(key) : null;
    if (data === null) findings.push(finding(FAULT.incomplete, where, `${key} is missing`));
    if (data === null || spoiled.has(`materials.${key}`)) continue;
    const model = readDocument(data, key, where, checkModel, findings) as unknown as Model | null;
    if (model && model.modelId !== name) {
      const message = `expected the model ${JSON.stringify(name)}, got ${JSON.stringify(model.modelId)}`;
      findings.push(finding(FAULT.invalid, where, message));
    } else if (model) models.set(name, { digest: key, model });
  }
  return models;
}

function hashFindings(manifest: Manifest, library: Library): Finding[] {
  return Object.keys(manifest.materials).flatMap((key) => {
    const actual = digest(library.get(key) ?? new Uint8Array(0));
    return actual === key ? [] : [finding(FAULT.invalid, `materials.${key}`, `its bytes hash to ${actual}`)];
  });
}

function readDocument(
  data: Uint8Array,
  key: string,
  where: string,
  checker: Checker,
  findings: Finding[],
): JsonObject | null {
  const actual = digest(data);
  if (actual !== key) {
    findings.push(finding(FAULT.invalid, where, `expected bytes that hash to ${key}, got ${actual}`));
    return null;
  }
  let value: Json;
  let isCanonical: boolean;
  try {
    const document = readJson(data);
    value = document.value;
    isCanonical = document.isCanonical;
    checker(value);
  } catch (error) {
    if (error instanceof StrictJsonError) findings.push(finding(FAULT.malformed, where, error.message));
    else if (error instanceof ShapeError) {
      findings.push(finding(FAULT.malformed, `${where}, ${error.where}`, error.message));
    } else throw error;
    return null;
  }
  if (isCanonical) return value as JsonObject;
  findings.push(finding(FAULT.malformed, where, 'the bytes are not the RFC 8785 form of their JSON'));
  return null;
}
