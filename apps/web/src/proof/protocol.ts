/** What a page and the verifier's worker say to each other; bytes are transferred, not copied. */

import type { Progress } from './pace.ts';
import type { Profile, Report } from './report.ts';
import type { Expectations } from './verify.ts';

/**
 * To the worker. `payloads` are bytes by digest that the manifest does not carry, `proofs` manifests of executions that its
 * steps began; `id` names the question. `signatures` is a port to another worker that was told to be the judge of them.
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
      readonly signatures?: MessagePort;
    }
  | { readonly kind: 'judge'; readonly port: MessagePort }
  | { readonly kind: 'cancel'; readonly id: number };

/** From the worker: any number of `progress`, then one of the others. `failed` is a fault of the verifier itself. */
export type Answer =
  | { readonly kind: 'progress'; readonly id: number; readonly progress: Progress }
  | { readonly kind: 'report'; readonly id: number; readonly report: Report }
  | { readonly kind: 'cancelled'; readonly id: number }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string };

/** The buffers and ports of a request, to be handed over with it. */
export function transferred(request: Request): Transferable[] {
  if (request.kind === 'cancel') return [];
  if (request.kind === 'judge') return [request.port];
  const { manifest, payloads, proofs, signatures, trust } = request;
  const port = signatures ? [signatures] : [];
  return [manifest, trust, ...(payloads?.values() ?? []), ...(proofs ?? []), ...port];
}
