/** `notify`: what the step says it sent, told again from its definition and inputs (spec/execution.md, 4.3). */

import { digestOf, isDigest } from '../encoding.ts';
import { byBytes, isInteger, isObject, type Json, type JsonObject } from '../json/value.ts';
import { array, open, text } from '../shape/shapes.ts';
import { NotReproducedError, type Recorded, type StepKind } from './kind.ts';

export const notify: StepKind = {
  shape: open({ channel: text(), subject: text() }, { to: array(text()), text: text(), attachments: text() }),
  derive,
};

async function derive(recorded: Recorded): Promise<Json> {
  const { declared, engines, step, values } = recorded;
  const inputs = values.inputs(step.stepId);
  const told = async (member: string, otherwise: Json): Promise<Json> => {
    const expression = declared.body[member] as string | undefined;
    return expression === undefined ? otherwise : engines.evaluate(expression, inputs);
  };
  const subject = await told('subject', null);
  const message = await told('text', '');
  if (typeof subject !== 'string' || typeof message !== 'string') {
    throw new NotReproducedError('its subject or its text is no text');
  }
  const attached = await told('attachments', []);
  const artifacts = (Array.isArray(attached) ? attached : [attached]).map(artifact);
  const shown = { channel: declared.body['channel'] as string, recipients: recipients(recorded), subject };
  const contentDigest = digestOf({ ...shown, text: message, attachments: artifacts });
  return { ...shown, attachments: artifacts.map((item) => item['digest'] as string), contentDigest };
}

/** Of a mail to the installation's own recipients the file alone says who they were. */
function recipients({ declared, step, values }: Recorded): string[] {
  if (declared.body['channel'] !== 'mail') return [];
  const named = declared.body['to'] as string[] | undefined;
  if (named) return named.toSorted(byBytes);
  const outputs = values.outputs(step.stepId);
  const found = isObject(outputs) ? outputs['recipients'] : null;
  const names = Array.isArray(found) ? found.filter((name) => typeof name === 'string') : [];
  if (!Array.isArray(found) || !names.length || names.length !== found.length) {
    throw new NotReproducedError('it was sent to nobody');
  }
  return [...new Set(names)].sort(byBytes);
}

function artifact(value: Json): JsonObject {
  if (isObject(value)) {
    const { digest, file, mediaType, size } = value;
    const isThere = file !== undefined && mediaType !== undefined;
    if (isThere && isInteger(size) && isDigest(digest)) return { file, mediaType, digest, size };
  }
  throw new NotReproducedError('what it attached is no artifact');
}
