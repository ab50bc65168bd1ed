import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Tests wait more than they compute, so each core has a worker of its own, the one that watches them, too.
  test: { include: ['test/**/*.test.ts'], testTimeout: 180_000, pool: 'forks', maxWorkers: '100%' },
});
