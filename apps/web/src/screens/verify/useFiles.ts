/** The files that were chosen, dropped or pasted: read here, and sent nowhere. */

import { useCallback, useState } from 'react';

import { digest } from '../../proof/encoding.ts';
import type { Item } from '../../verify/question.ts';
import { recognise, refusalOfSize, type Kind } from '../../verify/recognise.ts';
import { sha256 } from '../../ui/saveFile.ts';

export interface Refusal {
  readonly name: string;
  readonly why: string;
}

export interface Files {
  readonly items: readonly Item[];
  readonly refusals: readonly Refusal[];
  readonly add: (files: readonly File[], folders?: readonly string[]) => Promise<void>;
  /** A proof as the service sent it. */
  readonly take: (id: string, name: string, bytes: ArrayBuffer) => Promise<void>;
  readonly setKind: (id: string, kind: Kind) => void;
  readonly remove: (id: string) => void;
  readonly clear: () => void;
}

export function useFiles(): Files {
  const [items, setItems] = useState<readonly Item[]>([]);
  const [refusals, setRefusals] = useState<readonly Refusal[]>([]);
  const put = useCallback((found: readonly Item[]) => {
    const ids = new Set(found.map((item) => item.id));
    setItems((before) => [...before.filter((item) => !ids.has(item.id)), ...found]);
  }, []);
  const add = useCallback(
    async (files: readonly File[], folders: readonly string[] = []) => {
      const why = 'this is a folder: choose the files in it';
      const read = await Promise.all(files.map(readFile));
      put(read.flatMap((found) => ('why' in found ? [] : [found])));
      setRefusals([
        ...folders.map((name) => ({ name, why })),
        ...read.flatMap((found) => ('why' in found ? [found] : [])),
      ]);
    },
    [put],
  );
  const take = useCallback(
    async (id: string, name: string, data: ArrayBuffer) => {
      const bytes = new Uint8Array(data.slice(0));
      put([{ id, name, bytes, digest: await digestOf(bytes), kind: 'proof', fromService: true }]);
    },
    [put],
  );
  const setKind = useCallback(
    (id: string, kind: Kind) =>
      setItems((before) => before.map((item) => (item.id === id ? { ...item, kind } : item))),
    [],
  );
  const remove = useCallback(
    (id: string) => setItems((before) => before.filter((item) => item.id !== id)),
    [],
  );
  const clear = useCallback(() => {
    setItems([]);
    setRefusals([]);
  }, []);
  return { items, refusals, add, take, setKind, remove, clear };
}

async function readFile(file: File): Promise<Item | Refusal> {
  const { name } = file;
  const tooMuch = refusalOfSize(file.size);
  if (tooMuch) return { name, why: tooMuch };
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = new Uint8Array(await file.arrayBuffer());
  } catch {
    return { name, why: 'the browser could not read it: is it a folder, or was it moved?' };
  }
  const kind = recognise(name, bytes);
  if (typeof kind !== 'string') return { name, why: kind.refused };
  const sum = await digestOf(bytes);
  return { id: `${sum} ${name}`, name, bytes, digest: sum, kind };
}

async function digestOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  // Without https there is no `crypto.subtle`, and this thread does the work.
  if (!('subtle' in crypto)) return digest(bytes);
  return sha256(bytes);
}
