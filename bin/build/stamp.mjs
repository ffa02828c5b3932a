import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { listFiles, sha256 } from '../setup/files.mjs';

const BUILDER = dirname(fileURLToPath(import.meta.url));

/**
 * Names what a build is made from: the clone's place, its sources and packages by size and time of
 * change, and how it is made. Milliseconds, because nothing is read.
 *
 * @param {string} root
 */
export function stampOf(root) {
  const sources = join(root, 'lib');
  const files = [
    ...listFiles(sources).map((file) => join(sources, file)),
    ...listFiles(BUILDER).map((file) => join(BUILDER, file)),
    join(root, 'node_modules', '.package-lock.json'),
  ];
  const notes = files.sort().map((file) => {
    const stat = statSync(file, { throwIfNoEntry: false });
    return `${file} ${stat?.size} ${stat?.mtimeMs}`;
  });
  return sha256([root, ...notes].join('\n')).slice(0, 16);
}
