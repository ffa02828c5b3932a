import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandResult, run } from '../bin/setup/command.mjs';
import { sha256, writeJson } from '../bin/setup/files.mjs';
import { withLock } from '../bin/setup/lock.mjs';
import { createProgress } from '../bin/setup/progress.mjs';
import { readJson } from '../lib/installation/clone.mjs';
import { LocalStackError } from './errors.ts';
import { paths } from './paths.ts';
import { findPython } from './python.ts';

/** Python compiles what it loads; pip would compile everything. */
const PIP = [
  ...['-m', 'pip', 'install', '--disable-pip-version-check'],
  ...['--no-input', '--no-deps', '--no-compile'],
];
const LIMIT_MS = 900_000;

/** What is installed, as hashes of what it is made from. */
interface Installed {
  packages?: string;
  plugin?: string;
}

/**
 * Makes sure that LocalStack and its executor plugin are installed in the clone, which takes about
 * 40 s once and a tenth of a second from then on.
 *
 * @returns the Python that has them
 * @throws LocalStackError without Python, or without its package index
 */
export async function installLocalStack(): Promise<string> {
  const progress = createProgress();
  const wanted = { packages: hash([paths.requirements]), plugin: hash(pluginSources()) };
  const isDone = async () => {
    const found = await installed();
    return found.packages === wanted.packages && found.plugin === wanted.plugin;
  };
  const work = async () => {
    if (await isDone()) return;
    if ((await installed()).packages !== wanted.packages) {
      await progress.step('Installing LocalStack (45 MB, once a clone)', installPackages);
      writeJson(paths.marker, { packages: wanted.packages });
    }
    await progress.step('Installing the process executor', installPlugin);
    writeJson(paths.marker, wanted);
  };
  if (!(await isDone())) {
    await withLock(paths.lock, work, ({ pid }) =>
      progress.say(`Process ${pid} is installing LocalStack; waiting for it.`),
    );
  }
  return paths.python;
}

/** The note is not enough: Python itself may have been upgraded or removed. */
async function installed(): Promise<Installed> {
  const marker = readJson(paths.marker) as Installed | null;
  const works = marker && (await run(paths.python, ['-c', 'import localstack'])).code === 0;
  return works ? marker : {};
}

function pluginSources(): string[] {
  return readdirSync(paths.plugin, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(py|mjs|toml)$/.test(name))
    .sort()
    .map((name) => join(paths.plugin, name));
}

function hash(files: string[]): string {
  return sha256(files.map((file) => readFileSync(file, 'utf8')).join('\0'));
}

/** From nothing: what an interrupted installation left cannot be trusted. */
async function installPackages(): Promise<void> {
  const python = await findPython();
  rmSync(paths.marker, { force: true });
  rmSync(paths.venv, { recursive: true, force: true });
  await withScratch(async () => {
    await succeed(python, ['-m', 'venv', paths.venv]);
    await succeed(paths.python, [...PIP, '--require-hashes', '--requirement', paths.requirements]);
  });
}

/** From a copy, because a build leaves files beside its sources. */
async function installPlugin(): Promise<void> {
  await withScratch(async () => {
    const copy = join(paths.temp, 'process-executor');
    cpSync(paths.plugin, copy, { recursive: true });
    await succeed(paths.python, [
      ...PIP,
      ...['--force-reinstall', '--no-index', '--no-build-isolation', copy],
    ]);
  });
}

async function withScratch(work: () => Promise<void>): Promise<void> {
  rmSync(paths.temp, { recursive: true, force: true });
  mkdirSync(paths.temp, { recursive: true });
  await work();
  rmSync(paths.temp, { recursive: true, force: true });
}

async function succeed(command: string, args: string[]): Promise<void> {
  const env = { ...process.env, TMPDIR: paths.temp };
  const result = await run(command, args, { cwd: paths.root, env, limitMs: LIMIT_MS });
  if (result.code === 0) return;
  throw new LocalStackError(`LocalStack could not be installed: ${reasonOf(result)}`, {
    hint: 'Check that pip reaches its package index (a proxy or PIP_INDEX_URL may have to be set), or set AWS_ENDPOINT_URL to a LocalStack that is running.',
  });
}

function reasonOf({ stopped, output }: CommandResult): string {
  const lines = output.split('\n');
  return stopped ?? lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1) ?? 'no message';
}
