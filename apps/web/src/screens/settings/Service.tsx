import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';

import { licencesQuery, policiesQuery } from '../../api/queries.ts';
import { HashChip } from '../../ui/HashChip.tsx';
import { Facts, Panel } from '../../ui/Panel.tsx';
import { Region } from '../../ui/Region.tsx';

/** What decides in this service: policies, their engine, and licences. */
export function Service(): ReactElement {
  const policies = useQuery(policiesQuery);
  const licences = useQuery(licencesQuery);
  return (
    <Panel title="What decides here">
      <Region query={policies} rows={3}>
        {({ digest, engine, modules }) => (
          <Facts
            items={[
              ['Policies', <HashChip key="policies" value={digest} label="digest of the policies" />],
              ['Modules', modules.join(', ')],
              ['Engine', engine],
              [
                'Licences',
                licences.data ? (
                  <>
                    <HashChip value={licences.data.digest} label="digest of the licences" />{' '}
                    {licences.data.registry.licences?.length ?? 0} in the registry
                  </>
                ) : licences.isError ? (
                  licences.error.message
                ) : (
                  '…'
                ),
              ],
            ]}
          />
        )}
      </Region>
    </Panel>
  );
}
