import { defineConfig } from 'vitest/config';
import { FileOrder } from './test/support/file-order.ts';

/**
 * Files that share processes, so that modules such as the CDK are loaded once a process instead of
 * once a file: those of these folders, but for what replaces modules or loads TensorFlow.js.
 */
const FOLDERS = 'cdk|cloud|data|numeric|observe|queue|run|security|store|wire';
const OWN = 'logs|adam-tfjs|weights-cache|disk-full|file-lock-races|s3-errors';
const SHARING = `test/@(${FOLDERS})/!(${OWN}).test.ts`;

export default defineConfig({
  test: {
    // The AWS SDK's note on Node 20, once a process, would bury what the tests say.
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    maxWorkers: 4, // several tests wait more than they compute
    sequence: { sequencer: FileOrder },
    // Long enough for tests that start processes on a busy machine; none waits for so long.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A test that comes to no assertion, as where all are in a branch not taken, proves nothing.
    expect: { requireAssertions: true },
    // A build is run as it is, and not transformed once more.
    server: { deps: { external: [/\/\.cache\/build\//] } },
    projects: [
      {
        extends: true,
        test: {
          name: 'own',
          // A process a file: TensorFlow.js is loaded once in a process, and its backend stays.
          pool: 'forks',
          include: ['test/**/*.test.ts'],
          exclude: [SHARING],
          globalSetup: 'test/support/global-setup.ts',
        },
      },
      {
        extends: true,
        test: {
          name: 'sharing',
          pool: 'forks',
          isolate: false,
          include: [SHARING],
        },
      },
    ],
  },
});
