import { exampleValues } from '../../program/example-shape.ts';
import { programLayout } from '../../program/network.ts';
import type { Program } from '../../program/program.ts';
import { DRAWN_AT_ONCE, MAX_REALS } from '../working-sizes.ts';
import type { BackendName, RunConfig } from './config.ts';

const MEBIBYTE = 2 ** 20;
const FLOAT_BYTES = 4;

/** MB that a worker has before its first job: Node.js, TensorFlow, Lambduel. */
const RUNTIME_MB: Readonly<Record<BackendName, number>> = { native: 385, wasm: 190 };
/** MB of a coordinator, which loads no TensorFlow. */
const COORDINATOR_MB = 160;
/**
 * The share of its tensors' bytes that a gradient takes: tensors that are reshaped share their memory.
 */
const RESIDENT_SHARE = 0.8;
/** Freed memory that the native library keeps for later: a few times a job's tensors, to a limit in MB. */
const KEPT = { times: 3, mostMb: 300 } as const;
/** Copies of a network's weights in a worker: as a file, as tensors, gradients on their way. */
const WEIGHT_COPIES = 8;
/** Copies in a coordinator: state, moments, average, and files of a checkpoint that is written. */
const STATE_COPIES = 12;
/** Gradients that a coordinator may hold at once, until it is their turn. */
const GRADIENTS_HELD = 64;
/** Copies of images for each way of augmenting: before it, after it and its gradient, of reals and fakes. */
const AUGMENTED_COPIES = 6;
/** A dataset that is read from S3 comes in parts, which are joined. */
const DATASET_COPIES = 2;
/** Real and generated images as floats, whole and in parts that are compared. */
const SCORED_COPIES = 2;

/** Memory in MB (2^20 bytes), and what it is for. */
export interface MemoryNeed {
  readonly total: number;
  readonly parts: readonly { readonly what: string; readonly mb: number }[];
}

/** What memory follows from. */
export type MemoryConfig = Pick<
  RunConfig,
  | 'augment'
  | 'backend'
  | 'batch'
  | 'dataset'
  | 'sampleCount'
  | 'scoreCount'
  | 'scoreEvery'
  | 'shards'
>;

/**
 * An estimate of the most memory that a worker of a run has resident. It leaves out what layers
 * compute where the program does not say (`Program.workingValues`).
 *
 * test/cli/memory-need.test.ts compares it with what workers have.
 */
export function workerMemory(config: MemoryConfig, program: Program): MemoryNeed {
  const { backend, batch, dataset, shards } = config;
  const { gradient = 0, drawing = 0 } = program.workingValues ?? {};
  const shard = Math.ceil(batch / shards);
  const pixels = exampleValues(program.exampleShape);
  const augmented = config.augment.length * AUGMENTED_COPIES * pixels;
  const training = shard * (gradient + augmented) * FLOAT_BYTES;
  const drawn = Math.min(DRAWN_AT_ONCE, config.sampleCount) * drawing * FLOAT_BYTES;
  const isTraining = training >= drawn;
  const what = isTraining ? `the gradient of ${shard} examples` : 'drawing images';
  const scored = config.scoreCount + Math.min(MAX_REALS, dataset.examples);
  return sumOf([
    [`${backend === 'native' ? 'TensorFlow' : 'TensorFlow.js'} and Node.js`, RUNTIME_MB[backend]],
    [what, tensorsMb(Math.max(training, drawn), backend)],
    ['weights', mb(WEIGHT_COPIES * programLayout(program).size * FLOAT_BYTES)],
    ['the dataset', mb(DATASET_COPIES * dataset.examples * pixels)],
    ['scores', config.scoreEvery > 0 ? mb(SCORED_COPIES * scored * pixels * FLOAT_BYTES) : 0],
  ]);
}

/** An estimate of the most memory that the coordinator of a run has resident. */
export function coordinatorMemory({ shards }: MemoryConfig, program: Program): MemoryNeed {
  const parameters = programLayout(program).size * FLOAT_BYTES;
  return sumOf([
    ['Node.js', COORDINATOR_MB],
    ['weights and the state of Adam', mb(STATE_COPIES * parameters)],
    ['gradients', mb(Math.min(GRADIENTS_HELD, shards) * parameters)],
  ]);
}

function tensorsMb(bytes: number, backend: BackendName): number {
  const kept = backend === 'native' ? Math.min(KEPT.times * mb(bytes), KEPT.mostMb) : 0;
  return RESIDENT_SHARE * mb(bytes) + kept;
}

function mb(bytes: number): number {
  return bytes / MEBIBYTE;
}

/** Largest part first. */
function sumOf(entries: readonly (readonly [what: string, mb: number])[]): MemoryNeed {
  const parts = entries
    .map(([what, size]) => ({ what, mb: Math.ceil(size) }))
    .filter(({ mb: size }) => size > 0)
    .sort((a, b) => b.mb - a.mb);
  return { total: parts.reduce((total, part) => total + part.mb, 0), parts };
}
