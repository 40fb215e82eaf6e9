import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';

import type { ExecutionSummary } from '../../api/types.ts';
import { executionLook } from '../../ui/status.ts';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import table from '../../ui/Table.module.css';
import { Duration, Time } from '../../ui/Time.tsx';

/** Executions as a plain table. */
export function ExecutionTable({ items }: { readonly items: readonly ExecutionSummary[] }): ReactElement {
  return (
    <div className={table.scroll}>
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">Status</th>
            <th scope="col">Execution</th>
            <th scope="col">Runbook</th>
            <th scope="col" className={table.number}>
              Steps
            </th>
            <th scope="col">Failed step</th>
            <th scope="col">Started</th>
            <th scope="col" className={table.number}>
              Took
            </th>
            <th scope="col">By</th>
          </tr>
        </thead>
        <tbody>
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
              <td className={table.number}>
                {item.steps.settled}/{item.steps.total}
              </td>
              <td>{item.failedStep ?? '–'}</td>
              <td>
                <Time at={item.startedAt} />
              </td>
              <td className={table.number}>
                <Duration from={item.startedAt} to={item.endedAt} />
              </td>
              <td>{item.executedBy}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
