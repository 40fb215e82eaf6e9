/**
 * The checklist: nineteen checks in the order of the spec, each with its own status (spec/pcq-v1.md, 9).
 *
 * Bytes come in, a report goes out. A fault in the shape ends the reading; every later fault is reported beside the
 * others. What a manifest says is evaluated only when nothing about its bytes is wrong.
 */

import { Checklist } from './checklist.ts';
import { Signatures, type Judge } from './crypto/ed25519.ts';
import { Engines } from './engines.ts';
import { Family, type Verified } from './family.ts';
import { MAX_BYTES, readJson, StrictJsonError, type StrictDocument } from './json/strict.ts';
import { Exports, type Artifact } from './exports.ts';
import { readManifest, type Manifest, type Step } from './manifest.ts';
import { Library, readDocuments, type Documents, type Payloads } from './materials.ts';
import { checkOrder } from './order.ts';
import { checkOutcomes } from './outcomes.ts';
import { Pace, type Progress } from './pace.ts';
import { checkPayloads, detachedValues } from './payloads.ts';
import { checkProofs } from './provers/check.ts';
import { checkInputs, checkOutputs, type Story } from './recompute.ts';
import { FAULT, finding, reportOn, type Facts, type Finding, type Profile, type Report } from './report.ts';
import { checkApprovals } from './reviews/check.ts';
import { Denials } from './reviews/denials.ts';
import { decisions, ending } from './reviews/endings.ts';
import { checkPermissions } from './reviews/permissions.ts';
import { readReviews, type Reviews } from './reviews/review.ts';
import * as seals from './seals.ts';
import { checkManifest } from './shape/manifest-shape.ts';
import { got } from './shape/shapes.ts';
import { readTrust, TrustError, type Trust } from './trust.ts';
import { Values } from './values.ts';

/** What the caller knows from elsewhere. `previous` is a digest, or `none` for the first manifest. */
export interface Expectations {
  readonly root?: string;
  readonly runbook?: string;
  readonly outcome?: string;
  readonly executor?: string;
  readonly previous?: string;
  /** Files that exports of the execution must have written. */
  readonly artifacts?: readonly Artifact[];
}

export interface Options {
  readonly profile?: Profile;
  /** Bytes by digest that the manifest does not carry. */
  readonly payloads?: Payloads;
  /** Manifests of executions that steps of this one began, and that theirs began. */
  readonly proofs?: readonly Uint8Array[];
  readonly expectations?: Expectations;
  readonly onProgress?: (progress: Progress) => void;
  /** Aborting rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** False for the arithmetic of the library even where the browser has its own. */
  readonly nativeSignatures?: boolean;
  /** Who decides signatures, such as another worker; by default this one. */
  readonly signatures?: Judge;
}

/** The report on one manifest under one trust file; a fault is a finding, never an exception. */
export async function verify(
  manifest: Uint8Array,
  trust: Uint8Array,
  options: Options = {},
): Promise<Report> {
  // Of the others nothing is pinned, and how far they are is no progress through these checks.
  const ofOthers = { ...options, expectations: {}, onProgress: () => undefined };
  const family: Family = new Family(options.proofs ?? [], (proof) =>
    verifyOne(proof, trust, { ...ofOthers, family, isHead: false }),
  );
  const { report } = await verifyOne(manifest, trust, { ...options, family, isHead: true });
  return { ...report, notes: family.notes };
}

/** What is asked of one manifest of a family; `isHead` of the one that the caller asked about. */
interface Asked extends Options {
  readonly family: Family;
  readonly isHead: boolean;
}

async function verifyOne(manifest: Uint8Array, trust: Uint8Array, asked: Asked): Promise<Verified> {
  const profile = asked.profile ?? 'full';
  const pace = new Pace(asked.onProgress, asked.signal);
  const checklist = new Checklist(profile, pace);
  const read = readChecks(checklist, manifest);
  if (read) return new Run(read, checklist, pace, profile, asked).verified(trust);
  const checks = checklist.finish('the manifest could not be read');
  return { report: reportOn(profile, checks, null, [], ''), told: null };
}

/** Checks 1 to 3; null when there is nothing that later checks could work on. */
function readChecks(checklist: Checklist, data: Uint8Array): Manifest | null {
  const malformed = (message: string): Finding[] => [finding(FAULT.malformed, 'file', message)];
  if (data.length > MAX_BYTES) {
    checklist.record('read', malformed(`expected at most ${MAX_BYTES} bytes, got ${data.length}`));
    return null;
  }
  checklist.record('read', []);
  checklist.begin('parse');
  let document: StrictDocument;
  try {
    document = readJson(data);
  } catch (error) {
    if (!(error instanceof StrictJsonError)) throw error;
    checklist.record('parse', malformed(error.message));
    return null;
  }
  const { isCanonical, value } = document;
  const message =
    'the bytes are not the RFC 8785 form of their JSON (spaces, order, spelling or a last newline)';
  checklist.record('parse', isCanonical ? [] : malformed(message));
  if (!isCanonical) return null;
  checklist.begin('schema');
  const findings = checkManifest(value);
  const [manifest, strange] = findings.length ? [null, findings] : readManifest(document);
  checklist.record('schema', strange);
  return checklist.isSound ? manifest : null;
}

/** Checks 4 to 19 of a manifest that was read. */
class Run {
  private readonly manifest: Manifest;
  private readonly checklist: Checklist;
  private readonly pace: Pace;
  private readonly profile: Profile;
  private readonly asked: Asked;
  private readonly signatures: Judge;
  private readonly library: Library;
  private readonly values: Values;

  constructor(manifest: Manifest, checklist: Checklist, pace: Pace, profile: Profile, asked: Asked) {
    this.manifest = manifest;
    this.checklist = checklist;
    this.pace = pace;
    this.profile = profile;
    this.asked = asked;
    this.signatures = asked.signatures ?? new Signatures(asked.nativeSignatures);
    this.library = new Library(manifest, asked.payloads ?? null);
    this.values = new Values(manifest, this.library);
  }

  async verified(trustBytes: Uint8Array): Promise<Verified> {
    const { checklist, manifest, values } = this;
    const trust = await this.trust(trustBytes);
    const documents = await this.integrity(trust);
    const reviews = readReviews(manifest, documents);
    const denials = new Denials(values, reviews);
    await this.payloads();
    await checklist.run(
      'approvals',
      () => checkApprovals(manifest, reviews, trust, this.signatures),
      manifest.approvals.length ? '' : 'nobody had to decide',
    );
    await this.story(documents, reviews, denials);
    const exports = new Exports(manifest, documents.definition, values);
    const { artifacts = [], ...expected } = this.asked.expectations ?? {};
    const isPinned = artifacts.length > 0 || Object.values(expected).some((item) => item !== undefined);
    await checklist.run(
      'expectations',
      () => [...unmet(manifest, expected), ...exports.check(artifacts)],
      isPinned ? '' : 'nothing was pinned',
    );
    const report = reportOn(
      this.profile,
      checklist.finish(''),
      facts(manifest),
      decisions(manifest, denials, reviews),
      ending(manifest, denials, reviews),
      exports.words(artifacts),
    );
    return { report, told: { manifest, definition: documents.definition, values } };
  }

  private async trust(data: Uint8Array): Promise<Trust | null> {
    try {
      const trust = readTrust(data);
      await this.checklist.run('trust', () => seals.checkTrust(this.manifest, trust));
      return trust;
    } catch (error) {
      if (!(error instanceof TrustError)) throw error;
      this.checklist.record('trust', [finding(FAULT.malformed, 'trust file', error.message)]);
      return null;
    }
  }

  /** Checks 5 to 12. */
  private async integrity(trust: Trust | null): Promise<Documents> {
    const { checklist, manifest, pace, signatures } = this;
    await checklist.run('header', () => seals.checkHeader(manifest, trust, signatures));
    checklist.begin('materials');
    const [documents, findings] = readDocuments(manifest, this.library);
    checklist.record('materials', findings);
    await checklist.run('order', () => checkOrder(manifest, documents.definition));
    checklist.begin('leaves');
    // Begun early, what is decided beside this thread is known when it is asked for.
    const isBeside = await signatures.isBeside;
    const begun: Promise<Finding[]>[] = [];
    const cores = await seals.coresOf(manifest, pace, (step, core) => {
      if (isBeside) begun[step.index] = seals.checkSignature(step, core, trust, signatures);
    });
    await checklist.run('leaves', () => seals.checkLeaves(manifest, cores));
    await checklist.run('chain', () => seals.checkChain(manifest));
    await checklist.run('root', () => seals.checkRoot(manifest));
    await checklist.run('subroots', () => seals.checkSubroots(manifest));
    const begin = (step: Step): Promise<Finding[]> =>
      seals.checkSignature(step, cores[step.index] as Uint8Array, trust, signatures);
    await checklist.run('signatures', () => seals.checkSignatures(manifest, begun, begin, pace));
    return documents;
  }

  private async payloads(): Promise<void> {
    const detached = detachedValues(this.manifest);
    const find = (): Finding[] => checkPayloads(detached, this.library, this.profile === 'disclosure');
    await this.checklist.run('payloads', find, detached.length ? '' : 'no value is detached');
  }

  /** Checks 15 to 18. */
  private async story(documents: Documents, reviews: Reviews, denials: Denials): Promise<void> {
    const { checklist, manifest, pace, values } = this;
    const { family, isHead } = this.asked;
    const { definition, models, parameters, policies } = documents;
    const tolerant = this.profile !== 'full';
    await checklist.run('outcomes', () => checkOutcomes(manifest, definition, denials, reviews, tolerant));
    const names = ['inputs', 'outputs', 'verdicts'] as const;
    if (!checklist.isSound) {
      for (const name of names) checklist.skip(name, 'not evaluated: the file is not intact');
      return;
    }
    if (!definition || !policies) {
      const missing = finding(FAULT.incomplete, 'materials', 'the definition or the policies are missing');
      for (const name of names) await checklist.run(name, () => [missing]);
      return;
    }
    const engines = new Engines(policies);
    const story: Story = { manifest, definition, parameters, values, engines, reviews, models, family, pace };
    await checklist.run('inputs', () => checkInputs(story));
    await checklist.run('outputs', async () => [
      ...(await checkOutputs(story)),
      ...(isHead ? family.strangers() : []),
    ]);
    await checklist.run('verdicts', async () => [
      ...(await checkProofs(story, documents)),
      ...checkPermissions(manifest, reviews, engines),
    ]);
  }
}

function unmet({ header }: Manifest, wanted: Expectations): Finding[] {
  const pairs: [string, string | undefined, string][] = [
    ['merkleRoot', wanted.root, header.merkleRoot],
    ['runbookId', wanted.runbook, header.runbookId],
    ['outcome', wanted.outcome, header.outcome],
    ['executedBy', wanted.executor, header.executedBy],
    ['previousManifestHash', wanted.previous, header.previousManifestHash ?? 'none'],
  ];
  return pairs
    .filter(([, expected, found]) => expected !== undefined && expected !== found)
    .map(([where, expected, found]) =>
      finding(FAULT.untrusted, where, `expected ${got(expected)} as pinned, got ${got(found)}`),
    );
}

function facts(manifest: Manifest): Facts {
  const { executedAt, executedBy, executionId, manifestId, merkleRoot, outcome, runbookId, version } =
    manifest.header;
  const manifestHash = seals.manifestHash(manifest);
  return {
    manifestId,
    runbookId,
    version,
    executionId,
    executedAt,
    executedBy,
    outcome,
    merkleRoot,
    manifestHash,
  };
}
