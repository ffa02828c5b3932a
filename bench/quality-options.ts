import { parseArgs } from 'node:util';
import { z } from 'zod';
import { UsageError } from '../lib/errors.ts';
import { type Wire, wireSchema } from '../lib/wire/gradient.ts';
import { MAX_LOCAL_ITERATIONS } from '../lib/wire/messages.ts';
import type { WeightsWire } from '../lib/wire/weights.ts';
import { type ProgramName, programNames } from './programs.ts';

/** When a run of each program ends, unless it is asked for something else. */
const courses: Readonly<Record<ProgramName, Course>> = {
  'mlp-gan': { targetScore: 60, maxIterations: 2000, scoreEvery: 100 },
  dcgan: { targetScore: 30, maxIterations: 1000, scoreEvery: 50 },
};

/** A way to train, which is compared with others. */
export interface Variant {
  readonly program: ProgramName;
  /** 0: every step is averaged. */
  readonly localIterations: number;
  readonly workers: number;
  /** Shards, or lanes, of an iteration. */
  readonly shards: number;
  readonly wire: Wire;
  readonly weightsWire: WeightsWire;
}

/** When a run ends, and how often it is scored until then. */
export interface Course {
  readonly targetScore: number;
  readonly maxIterations: number;
  readonly scoreEvery: number;
}

const listOf = <T>(item: z.ZodType<T, string>) =>
  z
    .string()
    .transform((text) => [...new Set(text.split(','))])
    .pipe(z.array(item));
const whole = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(least).max(most));

/** How gradients and weights travel, by `GRADIENTS` or `GRADIENTS/WEIGHTS`; weights in `f32` unless said. */
const travels = new Map(
  wireSchema.options.flatMap((wire) => [
    [wire as string, { wire, weightsWire: 'f32' as WeightsWire }],
    [`${wire}/f16`, { wire, weightsWire: 'f16' as WeightsWire }],
  ]),
);
const travel = z
  .enum([...travels.keys()])
  .transform((name) => travels.get(name) as { wire: Wire; weightsWire: WeightsWire });

const optionsSchema = z.object({
  program: listOf(z.enum(programNames)),
  k: listOf(whole(0, MAX_LOCAL_ITERATIONS)),
  workers: listOf(whole(1, 64)),
  shards: whole(1, 64).optional(),
  wire: listOf(travel),
  seeds: listOf(whole(0, Number.MAX_SAFE_INTEGER)),
  'target-score': z.coerce.number().positive().optional(),
  'max-iterations': whole(1, 10_000_000).optional(),
  'score-every': whole(1, 10_000_000).optional(),
  whole: z.boolean(),
  json: z.boolean(),
});

/** What `bench:quality` is asked for. */
export interface QualityOptions {
  readonly variants: readonly Variant[];
  readonly seeds: readonly number[];
  readonly json: boolean;
  /** Go on to the last iteration when the score is reached. */
  readonly whole: boolean;
  courseOf(program: ProgramName): Course;
}

/** Parse the command line. @throws UsageError */
export function readOptions(args: readonly string[]): QualityOptions {
  const parsed = optionsSchema.safeParse(valuesOf(args));
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      ({ path, message }) => `--${String(path[0])}: ${message}`,
    );
    throw new UsageError(problems.join('; '));
  }
  const { program: names, k, workers: fleets, wire, seeds, whole, json, ...asked } = parsed.data;
  const courseOf = (program: ProgramName): Course => ({
    targetScore: asked['target-score'] ?? courses[program].targetScore,
    maxIterations: asked['max-iterations'] ?? courses[program].maxIterations,
    scoreEvery: asked['score-every'] ?? courses[program].scoreEvery,
  });
  const variants = names.flatMap((program) =>
    k.flatMap((localIterations) =>
      fleets.flatMap((workers) =>
        wire.map((ways) => {
          const shards = asked.shards ?? workers;
          return { program, localIterations, workers, shards, ...ways };
        }),
      ),
    ),
  );
  const tooLong = variants.find(
    (each) => each.localIterations > courseOf(each.program).maxIterations,
  );
  if (tooLong) {
    throw new UsageError(
      `--k ${tooLong.localIterations}: a run of ${tooLong.program} has ${courseOf(tooLong.program).maxIterations} iterations at most (--max-iterations)`,
    );
  }
  return { variants, seeds, json, whole, courseOf };
}

function valuesOf(args: readonly string[]): unknown {
  try {
    return parseArgs({
      args: [...args],
      options: {
        program: { type: 'string', default: programNames.join(',') },
        k: { type: 'string', default: '0,10,20,50' },
        workers: { type: 'string', default: '1,2' },
        shards: { type: 'string' },
        wire: { type: 'string', default: 'f32' },
        seeds: { type: 'string', default: '1,2,3' },
        'target-score': { type: 'string' },
        'max-iterations': { type: 'string' },
        'score-every': { type: 'string' },
        whole: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    }).values;
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause });
  }
}
