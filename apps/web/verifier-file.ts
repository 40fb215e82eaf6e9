/**
 * Makes `verify.html`: the page Verify in one file, for an auditor who wants neither a service nor an installation. Its content
 * security policy names the digests of what it holds, and forbids everything else. The same sources give the same bytes.
 */

import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

import react from '@vitejs/plugin-react';
import { build, type Plugin, type Rolldown } from 'vite';

import { page, type Part } from './verifier-page.ts';

const ROOT = import.meta.dirname;
const MODULE = 'virtual:verifier-file';
/** What reaches a service, and what says where one is in the console: nothing of it may be in the file. */
const STRANGERS = ['src/api/', 'src/live/', 'src/router.tsx', 'src/search.ts', 'node_modules/@tanstack/'];

export interface VerifierFile {
  readonly html: string;
  /** `sha256:…` */
  readonly digest: string;
  /** Of the worker's libraries: Vite's own list of licences leaves workers out. */
  readonly workerLicences: string;
}

/** Throws when something would be in it that may not be. */
export async function makeVerifierFile(): Promise<VerifierFile> {
  const worker = await built('src/proof/worker.ts', {});
  const whole = await built('src/alone/main.tsx', { VERIFIER_SCRIPT: JSON.stringify(worker.script) });
  const html = page(whole, worker.licences);
  return {
    html,
    digest: `sha256:${createHash('sha256').update(html).digest('hex')}`,
    workerLicences: worker.licences,
  };
}

/** Puts the file among those of the console, tells its pages the digest, and prints it. */
export function verifierFile(): Plugin {
  let file: VerifierFile | null = null;
  let isBuild = false;
  return {
    name: 'verifier-file',
    configResolved(config) {
      isBuild = config.command === 'build';
    },
    async buildStart() {
      if (isBuild) file = await makeVerifierFile();
    },
    resolveId: (id) => (id === MODULE ? `\0${MODULE}` : undefined),
    load: (id) =>
      id === `\0${MODULE}`
        ? `export const FILE_DIGEST = ${JSON.stringify(file?.digest ?? null)};`
        : undefined,
    generateBundle() {
      if (!file) return;
      this.emitFile({ type: 'asset', fileName: 'verify.html', source: file.html });
      this.emitFile({ type: 'asset', fileName: '.vite/license-worker.md', source: file.workerLicences });
    },
    closeBundle() {
      if (file) console.log(`\nverify.html ${file.digest} (${String(Buffer.byteLength(file.html))} bytes)`);
    },
  };
}

/** One script without imports, the style that goes with it, and the licences of what is in both. */
async function built(entry: string, define: Readonly<Record<string, string>>): Promise<Part> {
  const result = (await build({
    root: ROOT,
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    define: { ...define, 'process.env.NODE_ENV': '"production"' },
    plugins: [react()],
    build: {
      write: false,
      target: 'es2023',
      license: true,
      cssCodeSplit: false,
      modulePreload: false,
      rolldownOptions: { input: join(ROOT, entry), output: { format: 'iife', codeSplitting: false } },
    },
  })) as Rolldown.RolldownOutput;
  const chunks = result.output.filter((item) => item.type === 'chunk');
  const [chunk] = chunks;
  if (!chunk || chunks.length > 1)
    throw new Error(`${entry}: ${String(chunks.length)} scripts instead of one`);
  refuseStrangers(entry, chunk);
  const asset = (suffix: string): string =>
    result.output
      .filter((item) => item.type === 'asset')
      .filter((item) => item.fileName.endsWith(suffix))
      .map((item) => item.source.toString())
      .join('');
  return { script: chunk.code, style: asset('.css'), licences: asset('license.md') };
}

function refuseStrangers(entry: string, chunk: Rolldown.OutputChunk): void {
  const rendered = Object.entries(chunk.modules).filter(([, module]) => module.renderedLength > 0);
  const names = rendered.map(([id]) => relative(ROOT, id));
  const found = names.filter((name) => STRANGERS.some((start) => name.startsWith(start)));
  if (found.length) throw new Error(`${entry} may not need ${found.join(', ')}: verify.html is for itself`);
}

// `node verifier-file.ts FILE` makes it alone.
if (import.meta.main) {
  const made = await makeVerifierFile();
  writeFileSync(process.argv[2] ?? 'verify.html', made.html);
  console.log(made.digest);
}
