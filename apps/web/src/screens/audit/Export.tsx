import { Download } from 'lucide-react';
import { useEffect, useRef, useState, type ReactElement } from 'react';

import { read } from '../../api/client.ts';
import type { AuditEntry, AuditPage } from '../../api/types.ts';
import { auditQueryOf, jsonLines } from '../../audit/filters.ts';
import type { AuditSearch } from '../../search.ts';
import { Button } from '../../ui/Button.tsx';
import { saveFile } from '../../ui/saveFile.ts';

type Going = { readonly count: number } | { readonly problem: string } | null;

/** All records that fit, page after page, as one file: a record a line. */
export function Export({ search }: { readonly search: AuditSearch }): ReactElement {
  const [going, setGoing] = useState<Going>(null);
  const abort = useRef<AbortController | null>(null);
  useEffect(() => () => abort.current?.abort(), []);
  const isGoing = going !== null && 'count' in going;
  const run = async (): Promise<void> => {
    abort.current = new AbortController();
    const { signal } = abort.current;
    setGoing({ count: 0 });
    try {
      const items = await all(search, signal, (count) => setGoing({ count }));
      saveFile('audit.jsonl', jsonLines(items), 'application/x-ndjson');
      setGoing(null);
    } catch (error) {
      setGoing(signal.aborted ? null : { problem: error instanceof Error ? error.message : String(error) });
    }
  };
  return (
    <>
      <span role="status">
        {going === null ? '' : 'count' in going ? `${String(going.count)} records so far` : going.problem}
      </span>
      {isGoing ? (
        <Button onClick={() => abort.current?.abort()}>Cancel the export</Button>
      ) : (
        <Button onClick={() => void run()}>
          <Download size={15} aria-hidden="true" />
          Export JSONL
        </Button>
      )}
    </>
  );
}

async function all(
  search: AuditSearch,
  signal: AbortSignal,
  onCount: (count: number) => void,
): Promise<AuditEntry[]> {
  const items: AuditEntry[] = [];
  let cursor: string | null = null;
  do {
    const page: AuditPage = await read<AuditPage>(`/audit?${auditQueryOf(search, 200, cursor)}`, signal);
    items.push(...page.items);
    onCount(items.length);
    cursor = page.next;
  } while (cursor !== null);
  return items;
}
