/**
 * What `npm version` does with CHANGELOG.md: refuses a version of which nothing is told, and turns what is
 * pending into the section of the version.
 *
 *     node bin/changelog.mjs check            before the version is raised
 *     node bin/changelog.mjs release 1.2.3    afterwards
 */
import { readFileSync, realpathSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FILE = 'CHANGELOG.md';
const USAGE = 'Usage: node bin/changelog.mjs check | release VERSION';
/** The heading, and what is below it up to the next heading of the same level. */
const PENDING = /^## Pending\n(?<notes>[\s\S]*?)(?=^## |$(?![\s\S]))/m;

/** What is wrong with the changelog, with what to do about it. */
export class ChangelogError extends Error {
  /**
   * @param {string} message
   * @param {string} remedy
   */
  constructor(message, remedy) {
    super(message);
    this.name = 'ChangelogError';
    this.remedy = remedy;
  }
}

/**
 * What is told of the next version.
 *
 * @param {string} changelog
 * @returns {string}
 * @throws {ChangelogError} when there is nothing
 */
export function pendingNotes(changelog) {
  const notes = PENDING.exec(changelog)?.groups?.notes?.trim();
  if (notes === undefined) {
    throw new ChangelogError(
      `${FILE} has no section "## Pending".`,
      'Add one above the last version, with what has changed since.',
    );
  }
  if (notes === '') {
    throw new ChangelogError(
      `The section "Pending" of ${FILE} is empty.`,
      'Say there what has changed for users since the last version, commit, and try again.',
    );
  }
  return notes;
}

/**
 * The changelog with what was pending as the section of a version, and an empty section above it.
 *
 * @param {string} changelog
 * @param {string} version as `1.2.3`
 * @returns {string}
 * @throws {ChangelogError} when nothing is pending, or the version has its section already
 */
export function releasePending(changelog, version) {
  const notes = pendingNotes(changelog);
  if (changelog.split('\n').includes(`## ${version}`)) {
    throw new ChangelogError(`${FILE} has a section ${version} already.`, 'Choose a new version.');
  }
  // As a function, because notes may hold what `replace` takes for a placeholder, such as `$&`.
  return changelog
    .replace(PENDING, () => `## Pending\n\n## ${version}\n\n${notes}\n\n`)
    .replace(/\n+$/, '\n');
}

/** @param {string[]} args */
function main([command, version, ...rest]) {
  const isCheck = command === 'check' && version === undefined;
  const isRelease = command === 'release' && version !== undefined && rest.length === 0;
  if (!isCheck && !isRelease) {
    process.stderr.write(`${USAGE}\n`);
    return 2;
  }
  try {
    const changelog = readFileSync(FILE, 'utf8');
    if (isRelease) {
      writeFileSync(`${FILE}.tmp`, releasePending(changelog, version));
      renameSync(`${FILE}.tmp`, FILE);
    } else {
      pendingNotes(changelog);
    }
    return 0;
  } catch (error) {
    const { message, remedy } = /** @type {ChangelogError} */ (error);
    process.stderr.write(`lambduel: ${message}\n${remedy ? `  ${remedy}\n` : ''}`);
    return 1;
  }
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  process.exitCode = main(process.argv.slice(2));
}
