import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';

import type { ExecutionSummary } from '../../api/types.ts';
import { executionLook } from '../../ui/status.ts';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { numberCell, Table } from '../../ui/Table.tsx';
import { Duration, Time } from '../../ui/Time.tsx';

const COLUMNS = [
  'Status',
  'Execution',
  'Runbook',
  { name: 'Steps', isNumber: true },
  'Failed step',
  'Started',
  { name: 'Took', isNumber: true },
  'By',
] as const;

/** Executions as a plain table. */
export function ExecutionTable({ items }: { readonly items: readonly ExecutionSummary[] }): ReactElement {
  return (
    <Table label="Executions" columns={COLUMNS}>
      {items.map((item) => (
        <tr key={item.executionId}>
          <td>
            <StatusBadge look={executionLook(item.outcome)} />
          </td>
          <td>
            <Link to="/executions/$executionId" params={{ executionId: item.executionId }}>
              {item.executionId}
            </Link>
          </td>
          <td>{item.runbookId}</td>
          <td className={numberCell}>
            {item.steps.settled}/{item.steps.total}
          </td>
          <td>{item.failedStep ?? '–'}</td>
          <td>
            <Time at={item.startedAt} />
          </td>
          <td className={numberCell}>
            <Duration from={item.startedAt} to={item.endedAt} />
          </td>
          <td>{item.executedBy}</td>
        </tr>
      ))}
    </Table>
  );
}
