import { defineConfig } from 'vitest/config';

// The screens bring an index.html; until then the build is the verifier's worker alone.
export default defineConfig({
  build: {
    target: 'es2023',
    rollupOptions: {
      input: { verifier: 'src/proof/worker.ts' },
      output: { entryFileNames: 'assets/[name].js' },
    },
  },
  test: {
    include: ['tests/**/*.test.ts', 'src/**/*.test.ts'],
    environment: 'node',
    testTimeout: 30_000,
    // Two cores, and suites that hash: more workers would only take each other's time.
    maxWorkers: 2,
  },
});
