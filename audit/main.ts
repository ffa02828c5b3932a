/**
 * Checks what ships: `npm run audit [-- --strict]`. Licences of all packages that are needed to run, and
 * of those in the functions' bundles; known advisories, high and above. Exit code 1 when something must
 * be seen to; with `--strict` also when the advisory service cannot be reached.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { messageOf } from '../lib/errors.ts';
import { askAdvisories, openAdvisories } from './advisories.ts';
import { bundledPackages } from './bundled.ts';
import { ADVISORY_EXCEPTIONS, LICENCE_EXCEPTIONS } from './exceptions.ts';
import { countLicences, lockedPackages, refusedLicences } from './licences.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const USAGE = 'usage: npm run audit [-- --strict]';

const say = (line: string) => void process.stdout.write(`${line}\n`);

/** @returns whether all is well */
async function checkLicences(): Promise<boolean> {
  const all = lockedPackages(ROOT);
  const production = all.filter(({ dev }) => !dev);
  const bundled = await bundledPackages(ROOT);
  const inFunctions = all.filter(({ place }) => bundled.has(place));
  const refused = new Set([...refusedLicences(production), ...refusedLicences(inFunctions, [])]);
  say(`licences: ${production.length} packages ship: ${countLicences(production)}`);
  say(
    `licences: ${inFunctions.length} of them are in the functions' bundles: ${countLicences(inFunctions)}`,
  );
  say(`licences: ${refused.size} not allowed; exceptions: ${LICENCE_EXCEPTIONS.length}`);
  for (const { name, version, licence } of refused) {
    say(
      `licences: ${name}@${version} has ${licence}: replace it, or say why in audit/exceptions.ts`,
    );
  }
  const unlocked = [...bundled].filter((place) => !all.some((each) => each.place === place));
  for (const place of unlocked) say(`licences: ${place} is in a bundle, but not in the lockfile`);
  const development = inFunctions.filter(({ dev }) => dev);
  for (const { name } of development) say(`licences: ${name} is in a bundle, but a devDependency`);
  return refused.size + unlocked.length + development.length === 0;
}

/** @returns whether all is well */
async function checkAdvisories(strict: boolean): Promise<boolean> {
  const result = await askAdvisories(ROOT);
  if (!result.checked) {
    say(`advisories: NOT CHECKED: the advisory service cannot be reached from here: ${result.why}`);
    say(
      'advisories: run this where it can be reached before a release; --strict makes this a failure',
    );
    return !strict;
  }
  const today = new Date().toISOString().slice(0, 10);
  const open = openAdvisories(result.serious, today);
  say(
    `advisories: checked: ${result.serious.length} high or critical, ${open.length} of them open; ` +
      `exceptions: ${ADVISORY_EXCEPTIONS.length}`,
  );
  for (const { id, package: name, severity, title } of open) {
    say(`advisories: ${severity}: ${name}: ${title} (${id})`);
  }
  return open.length === 0;
}

async function main(): Promise<number> {
  let strict: boolean;
  try {
    const { values } = parseArgs({ options: { strict: { type: 'boolean', default: false } } });
    strict = values.strict;
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n${USAGE}\n`);
    return 2;
  }
  const licences = await checkLicences();
  const advisories = await checkAdvisories(strict);
  return licences && advisories ? 0 : 1;
}

process.exitCode = await main();
