import { createRequire } from 'node:module';
import type { Tfjs } from '../program/program.ts';
import type { Backend } from './backend.ts';

/**
 * Load `@tensorflow/tfjs-node`, which computes with TensorFlow's C library. Its threads are set by
 * environment variables that the library reads once, when it is loaded.
 *
 * @param threads of one operation. Several threads add in another order, which changes bits
 */
export async function loadNative(threads: number): Promise<Backend> {
  process.env.TF_NUM_INTRAOP_THREADS = String(threads);
  process.env.TF_NUM_INTEROP_THREADS = '1';
  process.env.OMP_NUM_THREADS = String(threads);
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  const require = createRequire(import.meta.url);
  const tf = require('@tensorflow/tfjs-node') as Tfjs & { version_core: string };
  await tf.ready();
  return { name: 'native', version: tf.version_core, tf };
}
