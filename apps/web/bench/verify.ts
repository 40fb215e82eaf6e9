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
  const before = [process.threadCpuUsage(), process.cpuUsage()] as const;
  const report = await verify(manifest, trust, {
    onProgress: ({ check, done }) => {
      if (!done) marks.push([check, performance.now()]);
    },
    ...(flags.includes('--library') ? { nativeSignatures: false } : {}),
  });
  const ended = performance.now();
  // On a machine that others use, too, CPU time tells more than the clock: of this thread, and of all.
  const spent = [process.threadCpuUsage(before[0]), process.cpuUsage(before[1])]
    .map(({ user, system }) => Math.round((user + system) / 1000))
    .join(' of ');
  const phases = marks.map(
    ([check, at], index) => `${check} ${Math.round((marks[index + 1]?.[1] ?? ended) - at)}`,
  );
  console.log(
    `exit ${report.exitCode} ${(ended - started).toFixed(0)} ms, CPU ${spent} ms: ${phases.join(', ')}`,
  );
  if (report.exitCode) console.log(report.reason);
}
