/**
 * Signatures decided by another worker while this thread does the rest: one signature costs this thread as much to hand to
 * WebCrypto as the arithmetic takes. Questions travel by the batch.
 */

import { concat, hex, unhex } from '../bytes.ts';
import { Signatures, type Judge } from './ed25519.ts';

const SIGNATURE_BYTES = 64;
const MOST_AT_ONCE = 256;

/** `bytes` are the signatures of 64 bytes, each with its message behind it, `lengths` those of the messages. */
interface Batch {
  readonly id: number;
  readonly keys: readonly string[];
  readonly lengths: readonly number[];
  readonly bytes: Uint8Array<ArrayBuffer>;
}
interface Decided {
  readonly id: number;
  readonly holds: readonly boolean[];
}

interface Open {
  readonly signature: Uint8Array;
  readonly message: Uint8Array;
  readonly key: string;
  readonly resolve: (holds: boolean) => void;
}

/** A judge whose answers come through a port from `judgeFor`. */
export class SignaturesBeside implements Judge {
  readonly isBeside = Promise.resolve(true);
  private readonly port: MessagePort;
  private readonly asked = new Map<number, readonly Open[]>();
  private waiting: Open[] = [];
  private count = 0;

  constructor(port: MessagePort) {
    this.port = port;
    port.onmessage = ({ data }: MessageEvent<Decided>) => {
      const batch = this.asked.get(data.id) ?? [];
      this.asked.delete(data.id);
      batch.forEach((open, at) => open.resolve(data.holds[at] === true));
    };
  }

  isStrict(signature: Uint8Array, message: Uint8Array, key: Uint8Array): Promise<boolean> {
    if (signature.length !== SIGNATURE_BYTES) return Promise.resolve(false);
    return new Promise((resolve) => {
      if (!this.waiting.length) setTimeout(() => this.send(), 0);
      this.waiting.push({ signature, message, key: hex(key), resolve });
      if (this.waiting.length >= MOST_AT_ONCE) this.send();
    });
  }

  private send(): void {
    const batch = this.waiting;
    if (!batch.length) return;
    this.waiting = [];
    const id = ++this.count;
    this.asked.set(id, batch);
    const bytes = concat(...batch.flatMap(({ signature, message }) => [signature, message]));
    const told: Batch = {
      id,
      keys: batch.map((open) => open.key),
      lengths: batch.map((open) => open.message.length),
      bytes: bytes as Uint8Array<ArrayBuffer>,
    };
    this.port.postMessage(told, [told.bytes.buffer]);
  }
}

/** Answers the questions of a `SignaturesBeside` at the other end of the port. */
export function judgeFor(port: MessagePort): void {
  const signatures = new Signatures();
  port.onmessage = ({ data }: MessageEvent<Batch>) => {
    void decided(data, signatures).then((answer) => port.postMessage(answer));
  };
}

async function decided({ bytes, id, keys, lengths }: Batch, signatures: Signatures): Promise<Decided> {
  const answers: Promise<boolean>[] = [];
  let at = 0;
  keys.forEach((key, index) => {
    const message = at + SIGNATURE_BYTES;
    const end = message + (lengths[index] ?? 0);
    answers.push(signatures.isStrict(bytes.subarray(at, message), bytes.subarray(message, end), unhex(key)));
    at = end;
  });
  return { id, holds: await Promise.all(answers) };
}
