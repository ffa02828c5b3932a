import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const cache = join(root, '.cache', 'localstack');
const venv = join(cache, 'venv');

/** Where LocalStack is kept: all of it is in the clone, but for the state of one that is running. */
export const paths = {
  root,
  requirements: join(root, 'localstack', 'requirements.txt'),
  plugin: join(root, 'localstack', 'process-executor'),
  nodeModules: join(root, 'node_modules'),
  cache,
  lock: join(cache, 'install.lock'),
  /** Scratch of an installation. */
  temp: join(cache, 'tmp'),
  venv,
  python: join(venv, 'bin', 'python'),
  /** Written last: says what is installed. */
  marker: join(cache, 'installed.json'),
  logs: join(cache, 'logs'),
};
