import { defineConfig } from 'vitest/config';

/** The checks that need real processes and real time: `scripts/check-faults.sh` runs them. */
export default defineConfig({
  ssr: { resolve: { conditions: ['source', 'node', 'import', 'module', 'default'] } },
  resolve: { conditions: ['source'] },
  test: {
    include: ['scripts/faults/**/*.check.ts'],
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 90_000,
    hookTimeout: 90_000,
    reporters: ['verbose'],
  },
});
