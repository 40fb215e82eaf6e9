/** `verify.html`: always the same bytes, and nothing in it that comes from elsewhere. */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { beforeAll, expect, test } from 'vitest';

import { page, policy } from '../verifier-page.ts';

const MAKER = join(import.meta.dirname, '..', 'verifier-file.ts');
const PART = { script: 'let a = 1;', style: 'body{margin:0}', licences: 'a <b> & c' };

let first = '';
let told = '';
let folder = '';

/** Made by a process of its own, in a folder and a time zone that say nothing to the result. */
function make(name: string, zone: string): string {
  const env = { ...process.env, NODE_ENV: undefined, TZ: zone, LANG: 'C' };
  const options = { cwd: folder, env, encoding: 'utf8' } as const;
  told = execFileSync(process.execPath, [MAKER, name], options).trim();
  return readFileSync(join(folder, name), 'utf8');
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'verifier-'));
  first = make('first.html', 'UTC');
}, 60_000);

test('two builds give the same bytes, and the digest that was told', () => {
  expect(make('second.html', 'Asia/Kolkata')).toBe(first);
  expect(told).toBe(`sha256:${createHash('sha256').update(first).digest('hex')}`);
}, 60_000);

test('the policy names what is inside, and comes before all of it', () => {
  const content = /<meta http-equiv="Content-Security-Policy" content="([^"]*)" \/>/.exec(first);
  const script = /<script>([^]*?)<\/script>/.exec(first)?.[1] ?? '';
  const style = /<style>([^]*?)<\/style>/.exec(first)?.[1] ?? '';
  expect(content?.[1]).toBe(policy(script, style));
  expect(first.match(/<(?:script|style)\b/g)?.length).toBe(
    2 + (script.match(/<(?:script|style)\b/g)?.length ?? 0),
  );
  expect(content?.index).toBeLessThan(first.indexOf('<style>'));
  const rules = new Map((content?.[1] ?? '').split('; ').map((rule) => [rule.split(' ')[0], rule]));
  expect(rules.get('default-src')).toBe("default-src 'none'");
  expect(rules.get('connect-src')).toBe("connect-src 'none'");
  expect(content?.[1]).not.toMatch(/unsafe|https?:|\*|'self'/);
});

test('outside of its script it refers to nothing', () => {
  const rest = first.replace(/<script>[^]*?<\/script>/, '');
  expect(rest).not.toMatch(/\s(?:src|href|action|srcset)=/);
  expect(rest).not.toMatch(/url\(|@import|@font-face/);
});

test('the licences of the libraries are in it, of the worker’s too', () => {
  for (const name of ['react-dom', 'lucide-react', 'jsonata', 're2js', '@noble/hashes']) {
    expect(first).toContain(`## ${name} - `);
  }
});

test.each([
  ['script', { script: "let a = '</SCRIPT>';" }],
  ['script', { script: 'let a = `<!--`;' }],
  ['style', { style: 'a{content:"</style>"}' }],
  ['style', { style: 'a{background:url(https://x.example/y)}' }],
  ['style', { style: "@import 'x.css';" }],
])('a %s that would end too early, or fetch, is refused: %j', (what, change) => {
  expect(() => page({ ...PART, ...change }, '')).toThrow(`the ${what} of verify.html has`);
});

test('words of licences stay words', () => {
  expect(page(PART, '<script>alert(1)</script>')).toContain(
    'a &lt;b> &amp; c\n&lt;script>alert(1)&lt;/script>',
  );
});
