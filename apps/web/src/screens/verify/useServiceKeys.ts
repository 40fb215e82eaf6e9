/** The keys of the service that one is signed in to; signed out there are none. */

import { useQuery } from '@tanstack/react-query';

import { meQuery, trustQuery } from '../../api/queries.ts';
import type { ServiceKeys } from './useKeys.ts';

export function useServiceKeys(): ServiceKeys {
  const me = useQuery(meQuery);
  const trust = useQuery({ ...trustQuery, enabled: me.data !== undefined });
  return { file: trust.data, isComing: me.isLoading || (me.data !== undefined && trust.isLoading) };
}
