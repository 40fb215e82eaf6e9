/** The one script that this page makes an address for, under Trusted Types. */

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

let spare: Worker | null = null;

/** Have one ready: its script is then here, should the network go, and need not be read when a file comes. */
export function prepareVerifier(): void {
  if (spare) return;
  const worker = begin();
  worker.onerror = () => {
    if (spare === worker) spare = null;
  };
  spare = worker;
}

/** A verifier of its own: ended, not reused, when it takes too long. */
export function openVerifier(): Worker {
  const worker = spare ?? begin();
  worker.onerror = null;
  spare = null;
  prepareVerifier();
  return worker;
}

function begin(): Worker {
  const address = policy ? (policy.createScriptURL(workerUrl) as string) : workerUrl;
  return new Worker(address, { type: 'module' });
}
