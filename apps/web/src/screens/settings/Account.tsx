import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { LogOut } from 'lucide-react';
import type { ReactElement } from 'react';

import { signOut } from '../../api/mutations.ts';
import { keys, meQuery } from '../../api/queries.ts';
import type { Me } from '../../api/types.ts';
import { Button } from '../../ui/Button.tsx';
import { Facts, Panel } from '../../ui/Panel.tsx';
import { Region } from '../../ui/Region.tsx';
import { ProblemPanel } from '../../ui/States.tsx';
import { Time } from '../../ui/Time.tsx';
import styles from './Settings.module.css';

/** Who is signed in, what they may do, and the way out. */
export function Account(): ReactElement {
  const me = useQuery(meQuery);
  const client = useQueryClient();
  const leave = useMutation({
    mutationFn: signOut,
    onSuccess: async () => {
      // Nothing of what this person saw stays for the next one.
      client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== keys.me[0] });
      await client.resetQueries({ queryKey: keys.me });
    },
  });
  return (
    <Panel
      title="Signed in"
      actions={
        <Button onClick={() => leave.mutate()} busy={leave.isPending}>
          <LogOut size={15} aria-hidden="true" />
          Sign out
        </Button>
      }
    >
      <Region query={me} rows={4}>
        {(found) => <Person me={found} />}
      </Region>
      {leave.isError ? <ProblemPanel error={leave.error} /> : null}
    </Panel>
  );
}

function Person({ me }: { readonly me: Me }): ReactElement {
  const items: [string, ReactElement | string][] = [['Name', <strong key="name">{me.subject}</strong>]];
  if (me.roles) items.push(['Roles', me.roles.join(', ') || 'none']);
  if (me.authentication) items.push(['By', me.authentication]);
  if (me.expiresAt) items.push(['Until', <Time key="until" at={me.expiresAt} />]);
  return (
    <>
      <Facts items={items} />
      <details className={styles.rights}>
        <summary>What you may do: {me.actions.length} rights</summary>
        <ul>
          {me.actions.map((action) => (
            <li key={action}>
              <code>{action}</code>
            </li>
          ))}
        </ul>
      </details>
    </>
  );
}
