import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseAssignments } from '../lib/cli/train-settings.ts';
import { UsageError } from '../lib/errors.ts';
import { PROGRAM_FORMAT } from '../lib/program/define-program.ts';
import { ProgramError } from '../lib/run/errors.ts';
import { checkProgram } from '../lib/run/programs/check-program.ts';
import { parseDefinition, resolveSettings } from '../lib/run/programs/own-definition.ts';
import { jsonExtremes, jsonNear } from './json-inputs.ts';
import { assertPlain } from './promises.ts';
import { type Target, textTarget } from './target.ts';

const DEFAULTS = { hidden: 12, slow: false, note: 'n' };
const KNOWN = parseDefinition({
  ...{ format: PROGRAM_FORMAT, name: 'small', settings: DEFAULTS },
  create: () => {},
});
const GIVEN = [{ hidden: '3', slow: 'true' }, { hidden: 0.5, note: 'x', slow: false }, {}];

const METRIC = { name: 'loss', title: 'loss', reduction: 'mean' };
const PROGRAMS = [
  {
    networks: [{ name: 'A', tensors: [{ name: 'w', shape: [2, 3], initial: { kind: 'zeros' } }] }],
    phases: [{ name: 'A', network: 'A', needsReal: true, lossMetric: METRIC, statistics: [] }],
    ...{ latent: 2, exampleShape: [2, 2, 1], generator: 'A', columns: ['loss'] },
  },
];

/** What `create` returns is any value. Functions, which JSON has none of, are put where they belong. */
const created = textTarget({
  name: 'created-program',
  inputs: jsonNear(PROGRAMS),
  extremes: jsonExtremes((value) => `{"networks":${value}}`),
  refuses: [SyntaxError, ProgramError],
  feed: (text) => {
    const value = withFunctions(JSON.parse(text));
    checkProgram(value);
    const names = value.networks.map(({ name }) => name);
    assert(value.phases.every(({ network }) => names.includes(network)));
    assert(names.includes(value.generator));
  },
});

const definition = textTarget({
  name: 'program-definition',
  inputs: jsonNear([
    { format: PROGRAM_FORMAT, name: 'a-b', settings: DEFAULTS, training: { batch: 2 } },
  ]),
  extremes: jsonExtremes((value) => `{"format":"${PROGRAM_FORMAT}","settings":${value}}`),
  refuses: [SyntaxError, ProgramError],
  feed: (text) => {
    const exported: unknown = JSON.parse(text);
    const own =
      typeof exported === 'object' && exported ? { ...exported, create: () => {} } : exported;
    const { name, settings } = parseDefinition(own);
    assert.match(name, /^[a-z0-9-]+$/);
    assertPlain(settings);
  },
});

const settings = textTarget({
  name: 'program-settings',
  inputs: jsonNear(GIVEN),
  extremes: jsonExtremes((value) => `{"hidden":${value}}`),
  refuses: [SyntaxError, UsageError],
  feed: (text) => {
    const given: unknown = JSON.parse(text);
    if (typeof given !== 'object' || given === null) return;
    const resolved = resolveSettings(KNOWN, given as Record<string, unknown>);
    assertPlain(resolved);
    assert.deepEqual(Object.keys(resolved), Object.keys(DEFAULTS));
    assert(Number.isFinite(resolved.hidden));
    assert.deepEqual(resolveSettings(KNOWN, resolved), resolved);
  },
});

const assignment = textTarget({
  name: 'set-option',
  inputs: fc.oneof(
    fc.string({ unit: 'binary' }),
    fc
      .tuple(fc.constantFrom('hidden', '__proto__', '', ' '), fc.string())
      .map((pair) => pair.join('=')),
  ),
  extremes: { 'a long value': () => `a=${'b'.repeat(10_000_000)}` },
  refuses: [UsageError],
  feed: (text) => {
    const parsed = parseAssignments([text]);
    assertPlain(parsed);
    const [[name, value] = []] = Object.entries(parsed);
    assert.equal(`${name}=${value}`, text);
  },
});

// biome-ignore lint/suspicious/noExplicitAny: any value of JSON, which is what is checked
function withFunctions(value: any): any {
  if (typeof value !== 'object' || value === null) return value;
  const phases = Array.isArray(value.phases)
    ? value.phases.map((phase: unknown) =>
        typeof phase === 'object' && phase ? { ...phase, loss: () => {} } : phase,
      )
    : value.phases;
  return { ...value, phases, generate: () => {} };
}

/** What program files export and return, and what they are set to. */
export const programTargets: readonly Target[] = [created, definition, settings, assignment];
