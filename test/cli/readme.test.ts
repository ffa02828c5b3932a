import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command, Option } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../lib/cli/program.ts';
import { presets } from '../../lib/program/presets.ts';
import { datasetName, resolveConfig, trainSettingsSchema } from '../../lib/run/record/settings.ts';
import { ROOT } from '../support/imports.ts';

/** Options of every command, which the README tells once. */
const COMMON = ['--target', '--stack', '--store', '--debug'];

const { stdout, stderr } = process;
const commands = leaves(createProgram({ stdout, stderr, env: {} })).map((command) => ({
  name: nameOf(command),
  args: command.registeredArguments.length,
  options: command.options.filter(({ long }) => !COMMON.includes(long ?? '')),
}));
const train = commands.find(({ name }) => name === 'train')?.options ?? [];

const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
const commandRows = tableBelow('## Commands').map(([code = '', text = '']) => {
  const [, name = '', usage = ''] = /^`lambduel ([a-z]+(?: [a-z]+)*)(.*)`$/.exec(code) ?? [code];
  const args = usage.split(/ \[?--/)[0]?.match(/\b[A-Z]+\b/g)?.length ?? 0;
  return { name, args, usage, flags: flagsIn(`${usage} ${text}`) };
});
const optionRows = tableBelow('### Options of `train`').flatMap(
  ([code = '', values = '', text]) => {
    const defaults = values.split(', ').map((value) => value.replaceAll('`', ''));
    return [...code.matchAll(/`(--[a-z-]+)([^`]*)`/g)].map(([, flag = '', value = ''], i) => {
      return { flag, takesValue: value !== '', value: defaults[i] ?? defaults[0], text };
    });
  },
);

describe("the README's table of commands", () => {
  it('has each command once, with as many arguments as it takes', () => {
    const told = commandRows.map(({ name, args }) => ({ name, args }));
    expect(sorted(told)).toEqual(sorted(commands.map(({ name, args }) => ({ name, args }))));
  });

  it.each(commands.filter(({ name }) => name !== 'train'))(
    'names the options of $name, and no others',
    ({ name, options }) => {
      const row = commandRows.find((candidate) => candidate.name === name);
      const own = row?.flags.filter((flag) => !COMMON.includes(flag)) ?? [];
      expect(sorted(own)).toEqual(sorted(options.map(({ long }) => long)));
      const missing = options.filter(
        ({ mandatory, long }) => mandatory && !row?.usage.includes(`${long}`),
      );
      expect(missing).toEqual([]);
    },
  );
});

describe("the README's table of the options of train", () => {
  it('has each option once, with a value where it takes one', () => {
    const told = optionRows.map(({ flag, takesValue }) => ({ flag, takesValue }));
    const known = train.map((option) => ({ flag: option.long, takesValue: option.required }));
    expect(sorted(told)).toEqual(sorted(known));
  });

  it.each(Object.entries(defaults()))('tells the default of %s, %s', (key, value) => {
    const option = train.find((candidate) => candidate.attributeName() === key) as Option;
    expect(optionRows.find(({ flag }) => flag === option.long)?.value).toBe(value);
    const inHelp = /\(default: ([\w.]+)\)/.exec(option.description)?.[1] ?? value;
    expect(inHelp).toBe(value);
  });

  it('tells how long the original example trains', () => {
    const text = optionRows.find(({ flag }) => flag === '--preset')?.text;
    expect(text).toContain(`${presets.blog.iterations} iterations`);
  });
});

/** The defaults that follow from the presets and a run's config, by option. */
function defaults(): Record<string, string> {
  const settings = trainSettingsSchema.parse({});
  const dataset = { name: datasetName(settings), sha256: '0'.repeat(64), examples: 1 };
  const { preset, iterations, batch, shards, seed, learningRate, threads, ...rest } = resolveConfig(
    settings,
    {
      runId: '20260131-235959-0a1b',
      createdAt: new Date(0),
      dataset,
      backend: 'wasm',
      defaultWire: 'f32',
    },
  );
  const { checkpointEvery, sampleEvery, localIterations, emaHalfLife, ...last } = rest;
  const { quorumAfterMs, scoreEvery, scoreCount } = last;
  const own = { preset, iterations, batch, shards, seed, learningRate, threads };
  const every = {
    checkpointEvery,
    sampleEvery,
    localIterations,
    emaHalfLife,
    quorumAfterMs,
    scoreEvery,
    scoreCount,
  };
  const all = { ...own, ...every, dataset: dataset.name };
  return Object.fromEntries(Object.entries(all).map(([key, value]) => [key, `${value}`]));
}

/** The cells of each row of the first table below a heading. */
function tableBelow(heading: string): string[][] {
  const lines = readme
    .slice(readme.indexOf(`${heading}\n`))
    .split('\n')
    .slice(1);
  const first = lines.findIndex((line) => line.startsWith('|'));
  const end = lines.findIndex((line, i) => i > first && !line.startsWith('|'));
  return lines.slice(first + 2, end).map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

function flagsIn(text: string): string[] {
  return [...new Set(text.match(/--[a-z-]+/g))];
}

function leaves(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
}

function nameOf(command: Command): string {
  const parent = command.parent?.parent ? `${nameOf(command.parent)} ` : '';
  return `${parent}${command.name()}`;
}

function sorted<T>(items: readonly T[]): T[] {
  return [...items].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}
