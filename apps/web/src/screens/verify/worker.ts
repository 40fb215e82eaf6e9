/** The one script that this page makes an address for, under Trusted Types. */

import { transferred, type Answer, type Request } from '../../proof/protocol.ts';
import workerUrl from '../../proof/worker.ts?worker&url';

interface Policy {
  createScriptURL(address: string): unknown;
}
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL: (address: string) => string }): Policy;
}

// A name can be taken once; browsers without Trusted Types take the address as it is.
const types = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;
const policy = types?.createPolicy('runbooks-worker', {
  createScriptURL: (address) => {
    if (address !== workerUrl) throw new TypeError(`no worker of this page: ${address}`);
    return address;
  },
});

/** A verifier of its own: ended, not reused, when it takes too long. */
export interface Verifier {
  /** One question; `fail` is told when a script could not be started. */
  ask(
    request: Request & { kind: 'verify' },
    hear: (answer: Answer) => void,
    fail: (why: string) => void,
  ): void;
  end(): void;
}

let spare: Pair | null = null;

/** Have one ready: its script is then here, should the network go, and need not be read when a file comes. */
export function prepareVerifier(): void {
  if (spare) return;
  const pair = new Pair();
  pair.onFault(() => {
    if (spare === pair) spare = null;
  });
  spare = pair;
}

/** The one that is ready, if one is. The next is made when somebody asks for it, not while this one works. */
export function openVerifier(): Verifier {
  const pair = spare ?? new Pair();
  spare = null;
  return pair;
}

/** Two workers of one script: one reads the proof, the other decides its signatures meanwhile. */
class Pair implements Verifier {
  private readonly reader = begin();
  private readonly judge = begin();

  onFault(tell: (why: string) => void): void {
    for (const worker of [this.reader, this.judge]) worker.onerror = (event) => tell(event.message);
  }

  ask(
    request: Request & { kind: 'verify' },
    hear: (answer: Answer) => void,
    fail: (why: string) => void,
  ): void {
    this.onFault((why) => fail(why || 'the verifier’s script could not be started'));
    this.reader.onmessage = ({ data }: MessageEvent<Answer>) => hear(data);
    const { port1, port2 } = new MessageChannel();
    post(this.judge, { kind: 'judge', port: port1 });
    post(this.reader, { ...request, signatures: port2 });
  }

  end(): void {
    this.reader.terminate();
    this.judge.terminate();
  }
}

function post(worker: Worker, request: Request): void {
  worker.postMessage(request, transferred(request));
}

function begin(): Worker {
  const address = policy ? (policy.createScriptURL(workerUrl) as string) : workerUrl;
  return new Worker(address, { type: 'module' });
}
