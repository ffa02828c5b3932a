import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Import, importsOf, ROOT } from './support/imports.ts';

const run = promisify(execFile);
const MAX_LINES = 350;
const MAX_MEDIAN = 100;

let tracked: string[];
let imports: Import[];
beforeAll(async () => {
  const { stdout } = await run('git', ['ls-files', '*.ts', '*.mts', '*.mjs', '*.py'], {
    cwd: ROOT,
  });
  tracked = stdout.trim().split('\n');
  const source = tracked.filter((file) => /\.m?ts$|\.mjs$/.test(file));
  imports = (await Promise.all(source.map(importsOf))).flat();
});

/** What ships. The other folders are people's tools for it, and tests. */
const PRODUCT = ['lib', 'functions', 'cdk', 'bench'];

/** The imports of the product that a rule forbids, as "file -> what". */
function violations(forbidden: (entry: Import) => boolean): string[] {
  return imports
    .filter((entry) => isIn(entry.from, ...PRODUCT) && forbidden(entry))
    .map(({ from, to }) => `${from} -> ${to}`);
}

const isIn = (path: string, ...folders: string[]) =>
  folders.some((folder) => path === folder || path.startsWith(`${folder}/`));
/** Rather than a package. */
const isFile = (path: string) => tracked.includes(path);
const isTfjs = ({ to }: Import) => to.startsWith('@tensorflow/');
const isAws = ({ to }: Import) => to.startsWith('@aws-sdk/') || to.startsWith('@smithy/');

it('finds the imports: statements, types, and what is required', () => {
  expect(imports.length).toBeGreaterThan(100);
  expect(imports).toEqual(
    expect.arrayContaining<Import>([
      { from: 'lib/run/coordinator/lease.ts', to: 'lib/store/store.ts', typeOnly: false },
      { from: 'lib/run/worker/draw-images.ts', to: '@tensorflow/tfjs-core', typeOnly: true },
      { from: 'lib/backend/native.ts', to: '@tensorflow/tfjs-node', typeOnly: false },
    ]),
  );
});

describe('imports point one way:', () => {
  /** What each folder may import beside itself; nothing else. */
  const ALLOWED: Readonly<Record<string, readonly string[]>> = {
    'lib/numeric': [],
    'lib/wire': [
      'lib/numeric',
      'lib/errors.ts',
      'lib/program/program-reference.ts',
      'zod',
      'node:',
    ],
    'lib/aws': ['lib/errors.ts', '@aws-sdk', 'zod', 'node:'],
    'lib/store': ['lib/aws', 'lib/errors.ts', '@aws-sdk', '@smithy', 'node:'],
    'lib/queue': ['lib/aws', 'lib/errors.ts', '@aws-sdk', '@smithy', 'zod', 'node:'],
    'lib/program': ['lib/numeric', 'lib/errors.ts', '@tensorflow', 'zod'],
    'lib/score': ['lib/numeric', 'ml-matrix'],
    'lib/backend': [
      'lib/numeric',
      'lib/program',
      'lib/errors.ts',
      'lib/recently-used.ts',
      '@tensorflow',
      'node:',
    ],
  };

  it.each(Object.entries(ALLOWED))('%s imports only itself and %j', (folder, allowed) => {
    const outside = violations(
      ({ from, to }) =>
        isIn(from, folder) &&
        !isIn(to, folder, ...allowed) &&
        !allowed.some((prefix) => prefix.endsWith(':') && to.startsWith(prefix)),
    );
    expect(outside).toEqual([]);
  });

  it('lib/run knows neither the command line nor who watches it nor where it runs', () => {
    const forbidden = ['lib/cli', 'lib/observe', 'lib/local', 'lib/cloud', 'functions', 'cdk'];
    expect(violations(({ from, to }) => isIn(from, 'lib/run') && isIn(to, ...forbidden))).toEqual(
      [],
    );
  });

  it('nothing in lib imports another folder of the project', () => {
    const outside = violations(
      ({ from, to }) => isIn(from, 'lib') && isFile(to) && !isIn(to, 'lib'),
    );
    expect(outside).toEqual([]);
  });

  it('nothing outside test imports test', () => {
    // How tests are run is theirs.
    const outside = imports.filter(
      ({ from, to }) => !isIn(from, 'test', 'vitest.config.ts') && isIn(to, 'test'),
    );
    expect(outside).toEqual([]);
    expect(imports.some(({ from }) => isIn(from, 'chaos'))).toBe(true);
  });

  it('examples know what a person with a program file knows, and nobody knows them', () => {
    const outside = imports.filter(({ from, to }) =>
      isIn(from, 'examples') ? isFile(to) && !isIn(to, 'examples') : isIn(to, 'examples'),
    );
    expect(outside).toEqual([]);
    expect(imports).toContainEqual({
      from: 'examples/hinge/hinge.ts',
      to: 'lambduel/program',
      typeOnly: false,
    });
  });

  it('harnesses do not know each other, and only tests know them', () => {
    const harnesses = ['chaos', 'fuzz', 'model'];
    const outside = imports.filter(({ from, to }) =>
      harnesses.some((each) => isIn(to, each) && !isIn(from, each, 'test')),
    );
    expect(outside).toEqual([]);
  });

  it('what runs before anything is installed needs only Node and such files', () => {
    const needed = new Set(['bin/setup.mjs']);
    for (const file of needed) {
      for (const { from, to, typeOnly } of imports) if (from === file && !typeOnly) needed.add(to);
    }
    expect(needed).toContain('lib/store/lock-file.mjs');
    expect([...needed].filter((to) => !to.startsWith('node:') && !to.endsWith('.mjs'))).toEqual([]);
  });

  it('TensorFlow.js is loaded in lib/backend only; programs and the run know its types', () => {
    const outside = violations(
      (entry) =>
        isTfjs(entry) &&
        !isIn(entry.from, 'lib/backend') &&
        !(entry.typeOnly && isIn(entry.from, 'lib/program', 'lib/run')),
    );
    expect(outside.filter((line) => !line.startsWith('bench/'))).toEqual([]);
  });

  it('sharp is loaded by one file, and of lib only the import of data knows that', () => {
    const importers = (path: string) =>
      violations(({ to, typeOnly }) => !typeOnly && to === path).map((line) => line.split(' ')[0]);
    expect(importers('sharp')).toEqual(['lib/data/sharp-library.ts']);
    expect(importers('lib/data/source.ts')).toEqual(['lib/data/import.ts']);
    expect(importers('lib/data/import.ts')).toEqual(['lib/cli/data-import.ts']);
  });

  it('functions and cdk know neither the command line nor the local mode', () => {
    const forbidden = ['lib/cli', 'lib/local', 'lib/store/disk.ts', 'lib/queue/local.ts'];
    const outside = violations(
      ({ from, to }) => isIn(from, 'functions', 'cdk', 'lib/cloud') && isIn(to, ...forbidden),
    );
    expect(outside).toEqual([]);
  });

  it('the AWS SDK is imported by the adapters for AWS and the cloud commands only', () => {
    const places = /^lib\/(aws\/|store\/s3|queue\/sqs|cli\/aws)[^/]*(\/.*)?$/;
    const outside = violations(
      (entry) => isAws(entry) && !places.test(entry.from) && !isIn(entry.from, 'bench'),
    );
    expect(outside).toEqual([]);
  });

  it('no folder of lib imports, over any way round, one that imports it', () => {
    const folderOf = (path: string) => /^lib\/([^/]+)\//.exec(path)?.[1];
    const graph = new Map<string, Set<string>>();
    for (const { from, to } of imports) {
      const [importer, imported] = [folderOf(from), folderOf(to)];
      if (!importer || !imported || importer === imported) continue;
      graph.set(importer, (graph.get(importer) ?? new Set()).add(imported));
    }
    expect(cyclesIn(graph)).toEqual([]);
  });

  it('no file imports, over any way round, one that imports it, be it for a type only', () => {
    const graph = new Map<string, Set<string>>();
    for (const { from, to } of imports) {
      graph.set(from, (graph.get(from) ?? new Set()).add(to));
    }
    expect(cyclesIn(graph)).toEqual([]);
  });
});

describe('files are small:', () => {
  let lines: { file: string; count: number }[];
  beforeAll(async () => {
    lines = await Promise.all(
      tracked.map(async (file) => {
        const text = await readFile(join(ROOT, file), 'utf8');
        return { file, count: text.split('\n').length - 1 };
      }),
    );
  });

  it(`none has more than ${MAX_LINES} lines`, () => {
    expect(lines.filter(({ count }) => count > MAX_LINES)).toEqual([]);
  });

  it(`half of them have fewer than ${MAX_MEDIAN}`, () => {
    const counts = lines.map(({ count }) => count).sort((a, b) => a - b);
    expect(counts[Math.floor(counts.length / 2)]).toBeLessThan(MAX_MEDIAN);
  });
});

/** The ways from a folder or file back to itself, the shortest for each that has one. */
function cyclesIn(graph: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  return [...graph.keys()].flatMap((start) => {
    const paths = [[start]];
    const seen = new Set<string>();
    for (let path = paths.shift(); path; path = paths.shift()) {
      for (const next of graph.get(path.at(-1) as string) ?? []) {
        if (next === start) return [[...path, start].join(' -> ')];
        if (!seen.has(next)) paths.push([...path, next]);
        seen.add(next);
      }
    }
    return [];
  });
}
