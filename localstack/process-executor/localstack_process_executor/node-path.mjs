/**
 * Lets `import` find packages in the folders of NODE_PATH after all others, as AWS does. Node.js
 * itself does so for `require` only.
 */
import { delimiter, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** A module beside a node_modules folder finds what is in it. */
const neighbours = (process.env.NODE_PATH ?? '')
  .split(delimiter)
  .map((folder) => pathToFileURL(join(dirname(folder), 'neighbour.mjs')).href);

/** @type {import('node:module').ResolveHook} */
export async function resolve(specifier, context, nextResolve) {
  try {
    return await nextResolve(specifier, context);
  } catch (error) {
    const isPackage = !/^[./]|^\w+:/.test(specifier);
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === 'ERR_MODULE_NOT_FOUND' && isPackage) {
      for (const parentURL of neighbours) {
        const look = async () => nextResolve(specifier, { ...context, parentURL });
        const found = await look().catch(() => null);
        if (found) {
          return found;
        }
      }
    }
    throw error;
  }
}
