/**
 * Which Node.js this project runs on. No imports, so that an old Node can at least read this file
 * and be told what to do.
 *
 * The upper bound is not caution: tfjs-node 4.22.0 calls `util.isNullOrUndefined`, which Node 23
 * removed, and fails at its first tensor.
 */

const LOWEST = [20, 15];
const FIRST_TOO_NEW = 23;

/**
 * Says what is wrong with a Node version, or null when it will do.
 *
 * @param {string} version as in `process.versions.node`, for example `20.15.0`
 * @returns {{message: string, remedy: string} | null}
 */
export function nodeVersionProblem(version) {
  const [major, minor] = version.split('.').map(Number);
  const remedy =
    'Install Node.js 22 (https://nodejs.org/en/download, or `nvm install 22 && nvm use 22`), then start again.';
  if (major >= FIRST_TOO_NEW) {
    return {
      message: `Node.js ${version} is too new: tfjs-node 4.22.0 breaks on Node.js 23 and later; Lambduel runs on 20.15 to 22.`,
      remedy,
    };
  }
  if (major < LOWEST[0] || (major === LOWEST[0] && minor < LOWEST[1])) {
    return {
      message: `Node.js ${version} is too old: Lambduel runs on 20.15 to 22.`,
      remedy,
    };
  }
  return null;
}
