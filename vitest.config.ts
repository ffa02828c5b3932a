import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/.cache/**', '**/.lambduel/**'],
    // A process a file: TensorFlow.js is loaded once in a process, and its backend stays.
    pool: 'forks',
    // The AWS SDK's note on Node 20, once a process, would bury what the tests say.
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    maxWorkers: 3, // several tests wait more than they compute
    // Long enough for tests that start processes on a busy machine; none waits for so long.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
