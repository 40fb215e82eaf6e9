// Keeps a Brotli and a gzip copy beside each built file that gets smaller by it: the service sends them as they are.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const dist = join(import.meta.dirname, 'dist');
const compressible = /\.(css|html|js|json|svg|webmanifest)$/;

for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
  if (!compressible.test(name) || name.startsWith('.')) continue;
  const path = join(dist, name);
  const body = readFileSync(path);
  const copies = {
    '.br': brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: body.length } }),
    '.gz': gzipSync(body, { level: constants.Z_BEST_COMPRESSION }),
  };
  for (const [suffix, copy] of Object.entries(copies)) {
    if (copy.length < body.length) writeFileSync(path + suffix, copy);
  }
}
