/** Time to verify one manifest, phase by phase: node bench/verify.ts FOLDER [ROUNDS] [--library]. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { verify } from '../src/proof/verify.ts';

const [folder = '', rounds = '5', ...flags] = process.argv.slice(2);
const manifest = new Uint8Array(readFileSync(join(folder, 'manifest.pcq')));
const trust = new Uint8Array(readFileSync(join(folder, 'trust.json')));

for (let round = 0; round < Number(rounds); round++) {
  const marks: [string, number][] = [];
  const started = performance.now();
  const report = await verify(manifest, trust, {
    onProgress: ({ check, done }) => {
      if (!done) marks.push([check, performance.now()]);
    },
    ...(flags.includes('--library') ? { nativeSignatures: false } : {}),
  });
  const ended = performance.now();
  const phases = marks.map(
    ([check, at], index) => `${check} ${Math.round((marks[index + 1]?.[1] ?? ended) - at)}`,
  );
  console.log(`exit ${report.exitCode} ${(ended - started).toFixed(0)} ms: ${phases.join(', ')}`);
  if (report.exitCode) console.log(report.reason);
}
