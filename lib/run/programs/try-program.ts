import type { Backend } from '../../backend/backend.ts';
import { GradientComputer, type GradientMode } from '../../backend/gradient-computer.ts';
import { Dataset } from '../../data/dataset.ts';
import { LambduelError, messageOf } from '../../errors.ts';
import { StreamTag, streamKey, uniforms } from '../../numeric/random.ts';
import { type ExampleShape, exampleValues } from '../../program/example-shape.ts';
import { initialParameters } from '../../program/network.ts';
import type { NetworkParameters, PhaseSpec, Program } from '../../program/program.ts';
import { ProgramError } from '../errors.ts';
import { drawImages, standingStatistics } from '../worker/draw-images.ts';
import { drawArrays, type ShardOfStep, toInputs } from '../worker/phase-inputs.ts';
import { disposeAll, toVariables } from '../worker/variables.ts';

/** Made-up examples: enough that a batch has different ones. */
const EXAMPLES = 64;
const IMAGES = 4;
/** How far rounding may take a value out of the range of images. */
const ROUNDING = 1e-3;
/** What TensorFlow.js says when a loss uses no variable. */
const UNCONNECTED = /^Cannot find a connection/;

/** How a program is tried. */
export interface Trial {
  readonly batch: number;
  readonly shards: number;
  readonly seed: number;
  readonly gradients: GradientMode;
}

/** What a phase takes on this machine. */
export interface TriedPhase {
  readonly name: string;
  readonly network: string;
  /** Milliseconds of one gradient of a shard. */
  readonly ms: number;
}

/** What came of trying a program. */
export interface TriedProgram {
  readonly phases: readonly TriedPhase[];
  /** What is wrong, a sentence each. */
  readonly problems: readonly string[];
}

/**
 * Compute what a run's first step computes, on made-up examples: each phase's gradient, twice with the
 * same inputs and once with others, and a few images.
 *
 * @param onStage called before a person's code runs, with what runs
 */
export async function tryProgram(
  backend: Backend,
  program: Program,
  trial: Trial,
  onStage: (stage: string) => Promise<void>,
): Promise<TriedProgram> {
  const { tf } = backend;
  const networks: NetworkParameters = Object.fromEntries(
    program.networks.map((network) => {
      const block = initialParameters(program, network.name, trial.seed);
      return [network.name, toVariables(tf, network, block)];
    }),
  );
  const problems: string[] = [];
  const phases: TriedPhase[] = [];
  const attempt = async (what: string, run: () => Promise<void>) => {
    await onStage(what);
    await run().catch((error: unknown) => void problems.push(sentenceOf(error)));
  };
  for (const phase of new Set(program.phases)) {
    await attempt(`the loss of phase ${phase.name}`, async () => {
      const tried = await tryPhase(backend, program, networks, phase, trial);
      phases.push(tried.phase);
      problems.push(...tried.problems);
    });
  }
  await attempt('generate', async () => {
    problems.push(...tryDrawing(backend, program, networks, trial));
  });
  for (const parameters of Object.values(networks)) disposeAll(parameters);
  return { phases, problems };
}

async function tryPhase(
  backend: Backend,
  program: Program,
  networks: NetworkParameters,
  phase: PhaseSpec,
  { gradients, ...cut }: Trial,
): Promise<{ phase: TriedPhase; problems: string[] }> {
  const computer = new GradientComputer(backend);
  const step = program.phases.indexOf(phase);
  const dataset = madeUp(program);
  const compute = async (mode: GradientMode, iteration: number) => {
    const at = shardOf(cut, step + iteration * program.phases.length);
    const drawn = await drawArrays({ load: async () => dataset }, at, program, phase);
    const inputs = toInputs(backend.tf, program, drawn);
    const startedAt = performance.now();
    try {
      const computed = computer.compute(mode, { loss: '', phase, networks, inputs });
      return { ...computed, ms: performance.now() - startedAt };
    } finally {
      backend.tf.dispose(inputs);
    }
  };
  const problems: string[] = [];
  const what = `phase ${phase.name}`;
  const unconnected = `The loss of ${what} does not depend on network ${phase.network}`;
  try {
    const first = await compute('eager', 0).catch((error: unknown) => {
      throw UNCONNECTED.test(messageOf(error)) ? new ProgramError(unconnected) : error;
    });
    const again = await compute('eager', 0);
    const odd = Object.entries(first.statistics).find(([, value]) => !Number.isFinite(value));
    if (odd) problems.push(`${odd[0]} of ${what} is ${odd[1]} in the first step`);
    else if (!first.gradient.every(Number.isFinite)) {
      problems.push(`The gradient of ${what} has numbers that are not finite in the first step`);
    } else if (!equal(first.gradient, again.gradient)) {
      problems.push(
        `The loss of ${what} gives another gradient for the same inputs: it must not draw random numbers of its own, or keep anything from call to call`,
      );
    } else if (first.gradient.every((value) => value === 0)) {
      problems.push(unconnected);
    }
    let { ms } = again;
    if (gradients === 'compiled' && problems.length === 0) {
      await compute('compiled', 0);
      await compute('compiled', 1); // compared once more, with other inputs
      ({ ms } = await compute('compiled', 2));
    }
    return { phase: { name: phase.name, network: phase.network, ms }, problems };
  } finally {
    computer.close();
  }
}

function tryDrawing(
  { tf }: Backend,
  program: Program,
  networks: NetworkParameters,
  { seed }: Trial,
): string[] {
  const generator = networks[program.generator] ?? {};
  const statistics = standingStatistics(tf, program, generator, seed);
  const images = drawImages(tf, program, generator, { count: IMAGES, seed, statistics });
  disposeAll(statistics);
  const [least, most] = [Math.min(...images), Math.max(...images)];
  if (least >= -ROUNDING && most <= 1 + ROUNDING) return [];
  return [`Generate gives values from ${least} to ${most}, and images have values from 0 to 1`];
}

/** The first shard, which no other is larger than by more than one example. */
function shardOf(cut: Omit<Trial, 'gradients'>, step: number): ShardOfStep {
  const dataset = { name: 'made-up', sha256: '0'.repeat(64), examples: EXAMPLES };
  return { ...cut, step, shard: 0, dataset };
}

/** Examples of the program's shape, and labels if it wants some. */
function madeUp({ exampleShape, wantsLabels }: Program): Dataset {
  const classes = wantsLabels?.classes ?? 0;
  const values = uniforms(
    streamKey(0, StreamTag.realExamples, 0),
    0,
    EXAMPLES,
    exampleValues(exampleShape),
  );
  const images = Uint8Array.from(values, (value) => Math.floor(256 * value));
  const labels = Uint8Array.from({ length: EXAMPLES }, (_, i) => (classes ? i % classes : 0));
  const meta = {
    format: 1 as const,
    name: 'made-up',
    examples: EXAMPLES,
    shape: exampleShape as ExampleShape,
    sha256: '0'.repeat(64),
    source: '',
  };
  return new Dataset(meta, images, classes ? labels : undefined);
}

function equal(a: Float32Array, b: Float32Array): boolean {
  return a.every((value, i) => Object.is(value, b[i]));
}

function sentenceOf(error: unknown): string {
  const hint = error instanceof LambduelError && error.hint ? `. ${error.hint}` : '';
  return `${messageOf(error)}${hint}`;
}
