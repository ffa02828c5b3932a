/**
 * Does the native backend load and compute? Asked of a child process, because a wrong library can
 * end the process that loads it.
 */
import { NativeUnavailableError } from './errors.mjs';

const LIMIT_MS = 120_000;
const PROBE = `
const tf = require('@tensorflow/tfjs-node');
const sum = tf.tensor([1, 2]).add(1).dataSync();
if (tf.getBackend() !== 'tensorflow' || sum[1] !== 3) {
  throw new Error('the backend is ' + tf.getBackend());
}`;

/**
 * @param {import('./run.mjs').SetupContext} context
 * @throws {NativeUnavailableError} when it does not
 */
export async function checkThatNativeLoads({ paths, env, run }) {
  const result = await run(process.execPath, ['-e', PROBE], {
    cwd: paths.root,
    env: { ...env, TF_CPP_MIN_LOG_LEVEL: '2', NODE_OPTIONS: '' },
    limitMs: LIMIT_MS,
  });
  if (result.code === 0) {
    return;
  }
  if (result.signal === 'SIGILL') {
    throw new NativeUnavailableError(
      'cpu',
      'the processor lacks the AVX instructions that TensorFlow uses',
    );
  }
  const line = result.output.split('\n').find((text) => /Error/.test(text));
  const why = result.stopped ?? line?.trim() ?? result.signal ?? 'no message';
  throw new NativeUnavailableError('load', `the native library does not load (${why})`);
}
