/**
 * Ed25519 in the strict profile (spec/pcq-v1.md, 8): canonical points, none of small order, a torsion-free key, S below
 * the group order, the equation without the cofactor.
 *
 * The browser's own implementation does the arithmetic where it keeps to that equation, which is tried on first use; the
 * points are looked at here. With a key of the prime-order subgroup the equation leaves R no torsion.
 */

import { hashes, Point } from '@noble/ed25519';
import { sha512 } from '@noble/hashes/sha2.js';

import { concat, hex, unhex } from '../bytes.ts';

hashes.sha512 = sha512;

const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const PRIME = 2n ** 255n - 19n;

/** Decides signatures. */
export interface Judge {
  /** True when `signature` is a signature of `message` by `key` in the strict profile. */
  isStrict(signature: Uint8Array, message: Uint8Array, key: Uint8Array): Promise<boolean>;
  /** Whether that is done beside the thread that asks, so that what is asked early is known early. */
  readonly isBeside: Promise<boolean>;
}

/** Decides them here, with what it knows of keys kept from one to the next. */
export class Signatures implements Judge {
  private readonly keys = new Map<string, Promise<Decide>>();
  private readonly native: Promise<boolean>;

  /** `native` is whether to ask WebCrypto; by default where it is there and keeps to the profile. */
  constructor(native?: boolean) {
    this.native = native === undefined ? nativeIsStrict() : Promise.resolve(native);
  }

  get isBeside(): Promise<boolean> {
    return this.native;
  }

  async isStrict(signature: Uint8Array, message: Uint8Array, key: Uint8Array): Promise<boolean> {
    if (signature.length !== 64 || key.length !== 32 || !isCanonicalHalves(signature)) return false;
    const decide = await this.deciderOf(key);
    return decide(signature, message);
  }

  private deciderOf(key: Uint8Array): Promise<Decide> {
    const name = hex(key);
    const known = this.keys.get(name) ?? this.makeDecider(key);
    this.keys.set(name, known);
    return known;
  }

  private async makeDecider(key: Uint8Array): Promise<Decide> {
    const point = strictPoint(key);
    if (point === null) return () => Promise.resolve(false);
    if (!(await this.native))
      return (signature, message) => Promise.resolve(equationHolds(signature, message, key, point));
    const imported = await importKey(key);
    return (signature, message) =>
      crypto.subtle.verify('Ed25519', imported, owned(signature), owned(message));
  }
}

type Decide = (signature: Uint8Array, message: Uint8Array) => Promise<boolean>;

/** The point of a key, or null when it is not canonical, of small order or not torsion-free. */
function strictPoint(key: Uint8Array): Point | null {
  try {
    const point = Point.fromBytes(key, false);
    return !point.isSmallOrder() && point.isTorsionFree() ? point : null;
  } catch {
    return null;
  }
}

/** S is below the group order, and R is spelled canonically and not of small order. */
function isCanonicalHalves(signature: Uint8Array): boolean {
  if (littleEndian(signature.subarray(32)) >= ORDER) return false;
  const y = littleEndian(signature.subarray(0, 32)) & ((1n << 255n) - 1n);
  return y < PRIME && !SMALL_ORDER.has(y);
}

function equationHolds(signature: Uint8Array, message: Uint8Array, key: Uint8Array, point: Point): boolean {
  try {
    const r = Point.fromBytes(signature.subarray(0, 32), false);
    const s = littleEndian(signature.subarray(32));
    const k = littleEndian(sha512(concat(signature.subarray(0, 32), key, message))) % ORDER;
    return Point.BASE.multiply(s, false).equals(r.add(point.multiply(k, false)));
  } catch {
    return false;
  }
}

function littleEndian(data: Uint8Array): bigint {
  return BigInt('0x' + hex(data.toReversed()));
}

/** The y coordinates of the eight points of small order. */
const SMALL_ORDER: ReadonlySet<bigint> = new Set([
  0n,
  1n,
  PRIME - 1n,
  littleEndian(unhex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05')),
  littleEndian(unhex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a')),
]);

function importKey(key: Uint8Array): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', owned(key), 'Ed25519', true, ['verify']);
}

function owned(data: Uint8Array): Uint8Array<ArrayBuffer> {
  return data.buffer instanceof ArrayBuffer ? (data as Uint8Array<ArrayBuffer>) : Uint8Array.from(data);
}

let probe: Promise<boolean> | null = null;

/** True when WebCrypto knows Ed25519, takes a good signature, and refuses one that only the cofactor makes good. */
function nativeIsStrict(): Promise<boolean> {
  probe ??= probed();
  return probe;
}

async function probed(): Promise<boolean> {
  try {
    const answers = PROBES.map(async ({ key, message, signature, holds }) => {
      const imported = await importKey(unhex(key));
      const found = await crypto.subtle.verify(
        'Ed25519',
        imported,
        owned(unhex(signature)),
        owned(unhex(message)),
      );
      return found === holds;
    });
    return (await Promise.all(answers)).every(Boolean);
  } catch {
    // No `crypto.subtle` (a page without https), or an engine that does not know the algorithm.
    return false;
  }
}

const PROBES = [
  // RFC 8032, 7.1, test 2.
  {
    key: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    message: '72',
    signature:
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    holds: true,
  },
  // A key of the subgroup and an R with torsion: 8SB = 8R + 8kA holds, SB = R + kA does not.
  {
    key: '61485eb624d9786700ce78888fb6f475591f00567be8e573e9829b7df1f91acd',
    message: '706371',
    signature:
      '7392295cceaebd927a81fdf1a5560fb2d7e06a6d713412e7f40e3a9b0b49249f84883b3f1779a3f69d041bf02510ad2c7fea76bff4d1b08a3c76285b1de4f104',
    holds: false,
  },
];
