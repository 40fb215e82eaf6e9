import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

import { verifierFile } from './verifier-file.ts';

// `npm run dev` shows the sources on a service that runs elsewhere; the token stands in for a sign-in there.
const service = process.env.RUNBOOKS_URL ?? 'http://127.0.0.1:8741';
const token = process.env.RUNBOOKS_TOKEN;

export default defineConfig({
  base: '/console/',
  plugins: [react(), verifierFile()],
  build: {
    target: 'es2023',
    manifest: true,
    // The built files hold code of others: what they ask to be said goes along.
    license: true,
    // Inlined scripts and fonts would need holes in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  worker: { format: 'es' },
  server: {
    proxy: { '/api': { target: service, headers: token ? { authorization: `Bearer ${token}` } : {} } },
  },
  test: {
    include: ['tests/**/*.test.ts', 'src/**/*.test.ts'],
    environment: 'node',
    testTimeout: 30_000,
    // Two cores, and suites that hash: more workers would only take each other's time.
    maxWorkers: 2,
  },
});
