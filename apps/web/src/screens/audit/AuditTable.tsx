import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';

import type { AuditEntry } from '../../api/types.ts';
import { madeTarget, targetOf } from '../../audit/filters.ts';
import { classes } from '../../ui/classes.ts';
import { HashChip } from '../../ui/HashChip.tsx';
import { Table } from '../../ui/Table.tsx';
import { Time } from '../../ui/Time.tsx';
import styles from './Audit.module.css';

const COLUMNS = ['When', 'Who', 'Action', 'Object', 'Answer', 'Reason', 'Request', 'Record'] as const;

/** One row a record, with the hash that chains it. */
export function AuditTable({ items }: { readonly items: readonly AuditEntry[] }): ReactElement {
  return (
    <Table label="Records" columns={COLUMNS} isFramed>
      {items.map((item) => (
        <Row key={item.requestId} item={item} />
      ))}
    </Table>
  );
}

function Row({ item }: { readonly item: AuditEntry }): ReactElement {
  const refused = item.status >= 400;
  return (
    <tr>
      <td className={styles.fixed}>
        <Time at={item.at} />
      </td>
      <td className={styles.fixed}>
        {item.who === null ? (
          <em className={styles.soft}>a stranger</em>
        ) : (
          <Only name="who" value={item.who} />
        )}
      </td>
      <td className={styles.fixed}>
        <Only name="action" value={item.action} />
      </td>
      <td className={styles.names}>
        <Named item={item} />
      </td>
      <td className={styles.fixed}>
        <span className={classes(styles.answer, refused && styles.refused)}>
          <span aria-hidden="true">{refused ? '✕' : '✓'}</span> {refused ? 'refused' : 'done'}{' '}
          <span className="numbers">{item.status}</span>
        </span>
        {item.code === null ? null : <code className={styles.code}>{item.code}</code>}
        {item.turnedAway ? (
          <span className={styles.code}>{item.turnedAway} more came too fast before it</span>
        ) : null}
      </td>
      <td className={styles.reason}>{item.reason}</td>
      <td>
        <code className={styles.soft}>{item.requestId}</code>
      </td>
      <td className={styles.fixed}>
        {item.entryHash === undefined ? null : (
          <HashChip value={item.entryHash} label={`hash of record ${String(item.seq)}`} letters={8} />
        )}
      </td>
    </tr>
  );
}

function Named({ item }: { readonly item: AuditEntry }): ReactElement {
  const target = item.object === null ? null : targetOf(item.resource, item.object);
  return (
    <>
      {target ? (
        <Link {...target}>{item.object}</Link>
      ) : (
        (item.object ?? <span className={styles.soft}>–</span>)
      )}
      {item.made === null ? null : (
        <span className={styles.made}>
          made <Link {...madeTarget(item.made)}>{item.made}</Link>
        </span>
      )}
    </>
  );
}

/** A value that can be filtered by. */
function Only({ name, value }: { readonly name: 'who' | 'action'; readonly value: string }): ReactElement {
  return (
    <Link
      to="/audit"
      search={(before) => ({ ...before, [name]: value })}
      className={styles.only}
      title={`Only ${value}`}
    >
      {value}
    </Link>
  );
}
