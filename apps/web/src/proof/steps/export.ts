/** `export`: what was written, computed again from the recorded inputs (spec/execution.md, 4). */

import { utf8 } from '../bytes.ts';
import { digest, isDigest } from '../encoding.ts';
import { canonical, canonicalText } from '../json/canonical.ts';
import { byBytes, isInteger, isObject, type Json, type JsonObject } from '../json/value.ts';
import { distinct, oneOf, open, text } from '../shape/shapes.ts';
import { NotReproducedError, type StepKind } from './kind.ts';

const FORMULA_STARTS = '=+-@\t\r\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b';

export const exportStep: StepKind = {
  shape: open({ file: text() }, { format: oneOf('json', 'csv', 'artifact'), columns: distinct(text(), 1) }),
  compute(inputs, { declared }) {
    const {
      columns,
      file,
      format = 'json',
    } = declared.body as { columns?: string[]; file: string; format?: string };
    if (format === 'artifact') return Promise.resolve({ file, ...artifactOf(inputs) });
    const data = format === 'json' ? canonical(inputs) : utf8(csv(inputs, columns));
    const mediaType = format === 'json' ? 'application/json' : 'text/csv';
    return Promise.resolve({ file, mediaType, digest: digest(data), size: data.length });
  },
};

function artifactOf(inputs: Json): JsonObject {
  if (isObject(inputs)) {
    const { digest: key, mediaType, size } = inputs;
    const isSize = isInteger(size) && size >= 0;
    if (isDigest(key) && isSize && typeof mediaType === 'string') return { mediaType, digest: key, size };
  }
  throw new NotReproducedError('its inputs are no artifact');
}

/** A table as the spec spells it. */
export function csv(rows: Json, stated?: readonly string[]): string {
  if (!Array.isArray(rows) || !rows.every(isObject))
    throw new NotReproducedError('its inputs are no list of objects');
  const columns = stated ?? [...new Set(rows.flatMap((row) => Object.keys(row)))].sort(byBytes);
  if (!columns.length) return '';
  const table = [columns.map(cell), ...rows.map((row) => columns.map((name) => cell(row[name] ?? null)))];
  return table.map(line).join('');
}

function line(cells: readonly string[]): string {
  const joined = cells.join(',');
  // An empty line would be none to many readers.
  return `${cells.length === 1 && joined === '' ? '""' : joined}\r\n`;
}

function cell(value: Json): string {
  if (value === null) return '';
  if (typeof value === 'object') throw new NotReproducedError('a cell of its inputs is a list or an object');
  if (typeof value !== 'string') return canonicalText(value);
  const first = value.charAt(0);
  const told = first && FORMULA_STARTS.includes(first) ? `'${value}` : value;
  return /[,"\r\n]/.test(told) ? `"${told.replaceAll('"', '""')}"` : told;
}
