/** The worker's side of the protocol, without the worker: requests in, answers out. */

import { judgeFor, SignaturesBeside } from './crypto/beside.ts';
import type { Answer, Request } from './protocol.ts';
import { verify, type Options } from './verify.ts';

/** Answers requests through `say`; each runs until it is done or a `cancel` with its id comes. */
export class Answering {
  private readonly running = new Map<number, AbortController>();
  private readonly say: (answer: Answer) => void;

  constructor(say: (answer: Answer) => void) {
    this.say = say;
  }

  async hear(request: Request): Promise<void> {
    if (request.kind === 'judge') {
      judgeFor(request.port);
      return;
    }
    const { id } = request;
    if (request.kind === 'cancel') {
      this.running.get(id)?.abort();
      return;
    }
    const abort = new AbortController();
    this.running.set(id, abort);
    try {
      const report = await verify(new Uint8Array(request.manifest), new Uint8Array(request.trust), {
        ...optionsOf(request),
        signal: abort.signal,
        onProgress: (progress) => this.say({ kind: 'progress', id, progress }),
      });
      this.say({ kind: 'report', id, report });
    } catch (error) {
      if (abort.signal.aborted) this.say({ kind: 'cancelled', id });
      else this.say({ kind: 'failed', id, message: String(error) });
    } finally {
      this.running.delete(id);
    }
  }
}

function optionsOf(request: Request & { kind: 'verify' }): Options {
  const { expectations, payloads, profile, proofs, signatures } = request;
  return {
    ...(profile && { profile }),
    ...(expectations && { expectations }),
    ...(signatures && { signatures: new SignaturesBeside(signatures) }),
    ...(proofs && { proofs: proofs.map((data) => new Uint8Array(data)) }),
    ...(payloads && {
      payloads: (key) => {
        const data = payloads.get(key);
        return data ? new Uint8Array(data) : null;
      },
    }),
  };
}
