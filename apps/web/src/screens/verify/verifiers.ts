/** Workers that verify, and the one script that this page makes an address for, under Trusted Types. */

import { transferred, type Answer, type Request } from '../../proof/protocol.ts';

type Asked = Request & { readonly kind: 'verify' };

/** A verifier of its own: ended, not reused, when it takes too long. */
export interface Verifier {
  /** One question; `fail` is told when a script could not be started. */
  ask(request: Asked, hear: (answer: Answer) => void, fail: (why: string) => void): void;
  end(): void;
}

export interface Verifiers {
  /** Have one ready: its script is then here, should the network go, and need not be read when a file comes. */
  prepare(): void;
  /** The one that is ready, if one is. The next is made when somebody asks for it, not while this one works. */
  open(): Verifier;
}

interface Policy {
  createScriptURL(address: string): unknown;
}
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL: (address: string) => string }): Policy;
}

/** Those whose script is at `address`. Once a page: its policy allows the name of the rule once. */
export function verifiersAt(address: string, type: WorkerType): Verifiers {
  // Browsers without Trusted Types take the address as it is.
  const types = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;
  const policy = types?.createPolicy('runbooks-worker', {
    createScriptURL: (asked) => {
      if (asked !== address) throw new TypeError(`no worker of this page: ${asked}`);
      return asked;
    },
  });
  const begin = (): Worker =>
    new Worker(policy ? (policy.createScriptURL(address) as string) : address, { type });
  let spare: Pair | null = null;
  return {
    prepare() {
      if (spare) return;
      const pair = new Pair(begin);
      pair.onFault(() => {
        if (spare === pair) spare = null;
      });
      spare = pair;
    },
    open() {
      const pair = spare ?? new Pair(begin);
      spare = null;
      return pair;
    },
  };
}

/** Two workers of one script: one reads the proof, the other decides its signatures meanwhile. */
class Pair implements Verifier {
  private readonly reader: Worker;
  private readonly judge: Worker;

  constructor(begin: () => Worker) {
    this.reader = begin();
    this.judge = begin();
  }

  onFault(tell: (why: string) => void): void {
    for (const worker of [this.reader, this.judge]) worker.onerror = (event) => tell(event.message);
  }

  ask(request: Asked, hear: (answer: Answer) => void, fail: (why: string) => void): void {
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
