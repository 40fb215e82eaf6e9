/** The console's verifiers: their script is a file of its own, which the service sends. */

import workerUrl from '../../proof/worker.ts?worker&url';
import { verifiersAt } from './verifiers.ts';

export const servedVerifiers = verifiersAt(workerUrl, 'module');
