/** `report`: the file's name and kind; a verifier does not set the document again (spec/execution.md, 4). */

import { isDigest } from '../encoding.ts';
import { isInteger, isObject, type Json } from '../json/value.ts';
import { open, text } from '../shape/shapes.ts';
import { NotReproducedError, type StepKind } from './kind.ts';

export const report: StepKind = {
  shape: open({ template: text(), file: text() }),
  derive({ declared, step, values }): Promise<Json> {
    const told = values.outputs(step.stepId);
    const { digest, engine, size, template } = isObject(told) ? told : {};
    const isSize = isInteger(size) && size >= 0;
    if (!isDigest(digest) || !isDigest(template) || !isSize || typeof engine !== 'string') {
      throw new NotReproducedError('its outputs are no artifact of a report');
    }
    const file = declared.body['file'] as string;
    return Promise.resolve({ file, mediaType: 'application/pdf', digest, engine, size, template });
  },
};
