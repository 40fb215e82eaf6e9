/**
 * The verifier in a worker of its own. Expressions, policies and schemas are programs of strangers: a page ends this worker
 * (`terminate`) when it takes longer or more memory than the page wants to give, and then has no verdict.
 */

import { Answering } from './answering.ts';
import type { Request } from './protocol.ts';

const answering = new Answering((answer) => self.postMessage(answer));

self.addEventListener('message', (event: MessageEvent<Request>) => {
  void answering.hear(event.data);
});
