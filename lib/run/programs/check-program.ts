import { z } from 'zod';
import { metricSpecSchema } from '../../program/metric-spec.ts';
import { programLayout } from '../../program/network.ts';
import type { Program } from '../../program/program.ts';
import { ProgramError } from '../errors.ts';

/** Names of networks and tensors are parts of keys, and of tensors' names in files. */
const nameSchema = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_]{0,31}$/, 'must be a letter, then letters, digits and "_"');

const size = z.number().int().min(1).max(1_000_000_000);
const MAX_PARAMETERS = 500_000_000;
const functionSchema = z.custom((value) => typeof value === 'function', 'must be a function');

/** Networks' names that would be mistaken for other tensors in a generator file. */
const RESERVED = ['statistics', 'program'];

const programSchema = z.object({
  networks: z
    .array(
      z.object({
        name: nameSchema.refine((name) => !RESERVED.includes(name), 'is reserved'),
        tensors: z
          .array(
            z.object({
              name: nameSchema,
              shape: z.array(size).max(6),
              initial: z.discriminatedUnion('kind', [
                z.object({ kind: z.literal('normal'), deviation: z.number().positive().max(1e6) }),
                z.object({ kind: z.literal('zeros') }),
                z.object({ kind: z.literal('ones') }),
              ]),
            }),
          )
          .min(1)
          .max(1000),
      }),
    )
    .min(1)
    .max(16),
  phases: z
    .array(
      z.object({
        name: nameSchema,
        network: z.string(),
        needsReal: z.boolean(),
        lossMetric: metricSpecSchema,
        statistics: z.array(metricSpecSchema).max(50),
        loss: functionSchema,
      }),
    )
    .min(1)
    .max(64),
  latent: size.max(100_000),
  exampleShape: z.tuple([size.max(4096), size.max(4096), z.literal([1, 3])]),
  columns: z.array(z.string()).max(1000).optional(),
  groupSize: size.max(100_000).optional(),
  augments: z.boolean().optional(),
  wantsLabels: z.object({ classes: size.max(1000) }).optional(),
  generator: z.string(),
  standingStatistics: functionSchema.optional(),
  generate: functionSchema,
});

/** @throws ProgramError unless what `create` returned is a program */
export function checkProgram(created: unknown): asserts created is Program {
  const result = programSchema.safeParse(created);
  if (!result.success) {
    const problems = result.error.issues.slice(0, 5).map(({ path, message }) => {
      return `${pathText(path)} ${message.replace(/^Invalid input: /, '')}`;
    });
    throw refusal(problems.join('; '));
  }
  const { networks, phases, generator } = result.data;
  const names = networks.map(({ name }) => name);
  requireUnique(names, 'networks');
  for (const { name, tensors } of networks) {
    requireUnique(
      tensors.map((tensor) => tensor.name),
      `tensors in network ${name}`,
    );
  }
  const { size: parameters } = programLayout({ networks });
  if (parameters > MAX_PARAMETERS) {
    throw refusal(`its networks have ${parameters} parameters, and ${MAX_PARAMETERS} are the most`);
  }
  const missing = [...phases.map(({ network }) => network), generator].find(
    (name) => !names.includes(name),
  );
  if (missing !== undefined) {
    throw refusal(`it has no network ${missing}, which a phase or \`generator\` names`);
  }
  const metrics = new Map<string, string>();
  for (const { lossMetric, statistics } of phases) {
    for (const metric of [lossMetric, ...statistics]) {
      const told = JSON.stringify(metric);
      if ((metrics.get(metric.name) ?? told) !== told) {
        throw refusal(`metric ${metric.name} is declared in two ways`);
      }
      metrics.set(metric.name, told);
    }
    requireUnique(
      [lossMetric, ...statistics].map(({ name }) => name),
      'metrics in a phase',
    );
  }
}

function requireUnique(names: readonly string[], what: string): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw refusal(`it has two ${what} with the name ${twice}`);
}

function refusal(problem: string): ProgramError {
  return new ProgramError(`The program is not valid: ${problem}`, {
    hint: 'See the interface in docs/programs.md.',
  });
}

/** `networks[0].tensors[1].shape`. */
function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((part, i) =>
      typeof part === 'number' ? `[${part}]` : `${i === 0 ? '' : '.'}${String(part)}`,
    )
    .join('');
}
