import { defineConfig, mergeConfig } from 'vitest/config';
import unit from './vitest.config.ts';

// Tests that drive real engines, networks and cgroups of this host. One file at a time: they look at the whole host.
export default mergeConfig(
  { ...unit, test: { ...unit.test, include: [] } },
  defineConfig({
    test: {
      include: ['packages/*/test-linux/**/*.test.ts'],
      globalSetup: ['packages/agent-runtime/test-linux/support/global-setup.ts'],
      maxWorkers: 1,
      fileParallelism: false,
    },
  }),
);
