import { defineConfig } from 'vitest/config';

// The source condition makes tests run against packages/*/src, so no build is needed before them.
const conditions = ['@stowage/source'];

export default defineConfig({
  resolve: { conditions: [...conditions, 'node', 'development|production'] },
  ssr: { resolve: { conditions: [...conditions, 'node', 'development|production'] } },
  test: {
    include: [
      'packages/*/test/**/*.test.ts',
      'tools/test/**/*.test.ts',
      'examples/**/*.test.ts',
      'benchmarks/**/*.test.ts',
    ],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
    execArgv: ['--expose-gc'],
  },
});
