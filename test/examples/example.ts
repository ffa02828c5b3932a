import { execFile } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { chooseBackend } from '../../lib/backend/choose.ts';
import { readRun, runId } from '../../support/stored-run.ts';
import { runHere } from '../cli/here.ts';
import { testFolders } from '../support/folders.ts';
import { ROOT } from '../support/imports.ts';

const run = promisify(execFile);
const STORE = '.lambduel';
/** Instead of what the picture takes. Two shards, so that two workers share the steps. */
const SHORT = ['--iterations', '2', '--shards', '2'];

/** Several commands in one test, which compute, on a machine that may be busy. */
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

/** The commands that an example's README shows, in order, each as its words. */
async function commandsOf(example: string): Promise<string[][]> {
  const readme = await readFile(join(ROOT, 'examples', example, 'README.md'), 'utf8');
  const blocks = [...readme.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block);
  const lines = blocks.join('').split('\n');
  return lines
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .filter((line) => line !== '')
    .map((line) => line.split(/\s+/));
}

/** Run a command of a README in the current folder, as if that were the project's. @returns what it printed */
async function runCommand(words: readonly string[]): Promise<string> {
  const [tool, ...rest] = words.map((word) => {
    if (word === 'RUN') return runId(1);
    if (word === 'tsx') return import.meta.resolve('tsx');
    return word.startsWith('examples/') ? join(ROOT, word) : word;
  });
  if (tool === 'node') return (await run(process.execPath, rest)).stdout;
  expect([tool, rest[0]]).toEqual(['npx', 'lambduel']);
  return lambduel(...rest.slice(1));
}

async function lambduel(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runHere(args);
  expect(code, `${args.join(' ')}: ${stderr}`).toBe(0);
  return stdout;
}

/** All that a run's last checkpoint has of weights and of Adam, by the names of the files. */
async function weightsOf(number: number): Promise<Record<string, string>> {
  const { files, head } = await readRun(STORE, runId(number));
  expect(head.status).toBe('finished');
  const { iteration } = head.checkpoint ?? {};
  const isKept = new RegExp(`^checkpoints/${iteration}-e\\d+/.*\\.safetensors$`);
  const kept = files.filter((file) => isKept.test(file));
  const read = async (file: string) =>
    [basename(file), await readFile(join(STORE, 'runs', runId(number), file), 'base64')] as const;
  return Object.fromEntries(await Promise.all(kept.map(read)));
}

/**
 * Tests of an example: all commands of its README work, with fewer iterations; it trains to the same
 * bits for one worker and for two; and the other commands know what to do with its run.
 *
 * @param networks the names of its networks
 */
export function testExample(example: string, networks: readonly string[]): void {
  const newFolder = testFolders();
  const before = process.cwd();
  let commands: string[][];
  let train: string[];
  beforeAll(async () => {
    process.chdir(await newFolder());
    commands = await commandsOf(example);
    train = commands.find((words) => words[2] === 'train') ?? [];
  });
  afterAll(() => process.chdir(before));

  it('does what its README says', async () => {
    expect(commands.map((words) => words.slice(0, 4).join(' '))).toContain(
      'npx lambduel program check',
    );
    for (const words of commands) {
      const short = words === train ? [...SHORT, '--workers', '1', '--run-id', runId(1)] : [];
      await runCommand([...words, ...short]);
      const out = words.indexOf('--out');
      if (out >= 0) expect((await stat(words[out + 1] as string)).size).toBeGreaterThan(100);
    }
    expect(Object.keys(await weightsOf(1))).toEqual(
      expect.arrayContaining(networks.map((name) => `${name}.safetensors`)),
    );
  });

  it('trains to the same bits for two workers', async () => {
    await runCommand([...train, ...SHORT, '--workers', '2', '--run-id', runId(2)]);

    const [one, two] = [await weightsOf(1), await weightsOf(2)];
    expect(Object.keys(one)).toContain(`adam-${networks[0]}.safetensors`);
    expect(two).toEqual(one);
  });

  it('is shown, and exported, as any run is', async () => {
    await lambduel('report', runId(1));
    expect(await lambduel('timeline', runId(1))).toContain('computing');
    await lambduel('samples', runId(1), '--out', 'samples.png');
    await lambduel('generate', runId(1), '--interpolate', '3', '--out', 'way.gif');
    expect(await readdir('.')).toEqual(expect.arrayContaining(['samples.png', 'way.gif']));
    if (chooseBackend('auto') !== 'native') return;
    await lambduel('export', runId(1), '--tfjs', 'page', '--savedmodel', 'python');
    await lambduel('export', runId(1), '--tensorboard', 'board');
    expect(await readdir('page')).toContain('model.json');
    expect(await readdir('python')).toContain('saved_model.pb');
  });
}
