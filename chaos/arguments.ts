import { parseArgs } from 'node:util';
import { fleetSchema } from '../lib/run/record/head.ts';
import { wireSchema } from '../lib/wire/gradient.ts';
import { MAX_LOCAL_ITERATIONS } from '../lib/wire/messages.ts';
import { weightsWireSchema } from '../lib/wire/weights.ts';
import { wholeArgument } from '../support/whole-argument.ts';
import { chaosPresets } from './plan.ts';

export const USAGE =
  'usage: npm run chaos -- --faults N --seed S [--preset dcgan | --program FILE] ' +
  '[--local-iterations K] [--score-every N] [--wire f32|f16|int8] [--weights-wire f32|f16] ' +
  '[--init-from-run] [--target aws [--fleet event|resident]] [--plan]';

/** Parse the command line of the chaos harness. @throws Error: what is wrong */
export function readArguments(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      faults: { type: 'string', default: '100' },
      seed: { type: 'string', default: '0' },
      'local-iterations': { type: 'string', default: '0' },
      preset: { type: 'string', default: 'digits' },
      program: { type: 'string' },
      'score-every': { type: 'string', default: '0' },
      wire: { type: 'string' },
      'weights-wire': { type: 'string' },
      'init-from-run': { type: 'boolean', default: false },
      target: { type: 'string', default: 'embedded' },
      fleet: { type: 'string' },
      plan: { type: 'boolean', default: false },
    },
  });
  const faults = wholeArgument('--faults', values.faults, 0, 100_000);
  const seed = wholeArgument('--seed', values.seed, 0, Number.MAX_SAFE_INTEGER);
  const local = values['local-iterations'];
  const localIterations = wholeArgument('--local-iterations', local, 0, MAX_LOCAL_ITERATIONS);
  const scoreEvery = wholeArgument('--score-every', values['score-every'], 0, 100);
  const preset = oneOf('--preset', values.preset, chaosPresets);
  const wire = oneOf('--wire', values.wire, wireSchema.options);
  const rounded = values['weights-wire'];
  const weightsWire = oneOf('--weights-wire', rounded, weightsWireSchema.options);
  const fleet = oneOf('--fleet', values.fleet, fleetSchema.options);
  const { target, plan, program, 'init-from-run': initFromRun } = values;
  if (target !== 'embedded' && target !== 'aws') {
    throw new Error(`--target ${target}: must be embedded or aws`);
  }
  if (fleet && target !== 'aws') throw new Error('--fleet: only with --target aws');
  const trained = { ...(preset && { preset }), ...(program && { program }) };
  const travel = { ...(wire && { wire }), ...(weightsWire && { weightsWire }) };
  return {
    faults,
    seed,
    localIterations,
    scoreEvery,
    initFromRun,
    ...trained,
    ...travel,
    ...(fleet && { fleet }),
    target,
    plan,
  } as const;
}

/** @returns undefined: it was not given */
function oneOf<T extends string>(
  name: string,
  text: string | undefined,
  options: readonly T[],
): T | undefined {
  const found = options.find((option) => option === text);
  if (found !== undefined || text === undefined) return found;
  throw new Error(`${name} ${text}: must be one of ${options.join(', ')}`);
}
