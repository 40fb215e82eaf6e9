/** What a page and the verifier's worker say to each other; bytes are transferred, not copied. */

import type { Progress } from './pace.ts';
import type { Profile, Report } from './report.ts';
import type { Expectations } from './verify.ts';

/**
 * To the worker. `payloads` are bytes by digest that the manifest does not carry, `proofs` manifests of executions that its
 * steps began; `id` names the question.
 */
export type Request =
  | {
      readonly kind: 'verify';
      readonly id: number;
      readonly manifest: ArrayBuffer;
      readonly trust: ArrayBuffer;
      readonly profile?: Profile;
      readonly payloads?: ReadonlyMap<string, ArrayBuffer>;
      readonly proofs?: readonly ArrayBuffer[];
      readonly expectations?: Expectations;
    }
  | { readonly kind: 'cancel'; readonly id: number };

/** From the worker: any number of `progress`, then one of the others. `failed` is a fault of the verifier itself. */
export type Answer =
  | { readonly kind: 'progress'; readonly id: number; readonly progress: Progress }
  | { readonly kind: 'report'; readonly id: number; readonly report: Report }
  | { readonly kind: 'cancelled'; readonly id: number }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string };

/** The buffers of a request, to be handed over with it. */
export function transferred(request: Request): ArrayBuffer[] {
  if (request.kind === 'cancel') return [];
  return [request.manifest, request.trust, ...(request.payloads?.values() ?? []), ...(request.proofs ?? [])];
}
