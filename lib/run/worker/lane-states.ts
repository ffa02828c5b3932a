import type { Tensor } from '@tensorflow/tfjs-core';
import type { Backend } from '../../backend/backend.ts';
import { stateNames } from '../../backend/train-iteration.ts';
import { InvalidDataError } from '../../errors.ts';
import { layOut, type ParameterLayout, tensorView } from '../../numeric/parameter-block.ts';
import { networkLayout } from '../../program/network.ts';
import type { Program } from '../../program/program.ts';
import { RecentlyUsed } from '../../recently-used.ts';
import { createUnlessThere } from '../../store/create-unless-there.ts';
import { ObjectNotFoundError, type Store } from '../../store/store.ts';
import { crc32 } from '../../wire/checksum.ts';
import type { LocalJob, ObjectReference } from '../../wire/messages.ts';
import { decodeParameters, ParameterEncoder } from '../../wire/parameters.ts';
import { JobFailedError } from '../errors.ts';
import { momentsLayout } from '../record/moments.ts';

/** How many lanes' optimizer states a worker holds: there may be fewer workers than lanes. */
const CAPACITY = 8;
/** For how many programs a worker holds memory to write a state into. */
const ENCODERS = 2;

/** Adam's moments of all networks as tensors, by names such as `D.w1.m`. */
export type Moments = Readonly<Record<string, Tensor>>;

interface Held {
  /** Of the stored state; undefined before the first iteration. */
  readonly key: string | undefined;
  readonly moments: Moments;
}

/** A lane's state arrived damaged: it may arrive whole the next time. */
class DamagedLaneStateError extends InvalidDataError {}

/** What to do when a lane's state is lost for good. */
const HINT =
  'The run cannot continue without it. Restore the file from a copy, or start a new run.';

/**
 * Lanes' optimizer states. Each is written once, as an object of the round that it ends, so that
 * any worker can take any lane. A warm worker holds the last ones as tensors, and reads a state
 * only when it does not hold it.
 */
export class LaneStates {
  readonly #store: Store;
  readonly #backend: Backend;
  readonly #encoders = new RecentlyUsed<ParameterEncoder>(ENCODERS);
  readonly #held = new RecentlyUsed<Held>(CAPACITY, ({ moments }) => {
    for (const tensor of Object.values(moments)) tensor.dispose();
  });

  constructor(store: Store, backend: Backend) {
    this.#store = store;
    this.#backend = backend;
  }

  /** The moments that a job begins with. This class disposes of them. */
  async load(job: LocalJob, program: Program): Promise<Moments> {
    const held = this.#held.get(nameOf(job));
    if (held && held.key === job.state?.key) return held.moments;
    const layout = laneLayout(program);
    const block = job.state
      ? await readLaneState(this.#store, job.state, layout)
      : new Float32Array(layout.size);
    const moments = this.#toTensors(layout, block);
    this.#held.set(nameOf(job), { key: job.state?.key, moments });
    return moments;
  }

  /**
   * Store the moments that a job ended with, and keep them for the lane's next one.
   *
   * @param moments this class disposes of them
   */
  async save(
    job: LocalJob,
    key: string,
    program: Program,
    moments: Moments,
  ): Promise<ObjectReference> {
    const { block, bytes } = this.#encoderFor(job, program);
    for (const place of laneLayout(program).tensors) {
      tensorView(block, place).set((moments[place.name] as Tensor).dataSync());
    }
    this.#held.set(nameOf(job), { key, moments });
    // Whoever does the same job, in the same epoch, writes the same bytes.
    await createUnlessThere(this.#store, key, bytes);
    return { key, crc32: crc32(bytes) };
  }

  /** Memory for a state. It is used again, because fresh memory costs more than writing to it. */
  #encoderFor(job: LocalJob, program: Program): ParameterEncoder {
    const name = JSON.stringify(job.program);
    const held = this.#encoders.get(name);
    if (held) return held;
    const encoder = new ParameterEncoder(laneLayout(program));
    this.#encoders.set(name, encoder);
    return encoder;
  }

  #toTensors({ tensors }: ParameterLayout, block: Float32Array): Moments {
    const { tf } = this.#backend;
    return Object.fromEntries(
      tensors.map((place) => [place.name, tf.tensor(tensorView(block, place), [...place.shape])]),
    );
  }
}

/**
 * A lane's optimizer state as one block of its layout.
 *
 * @throws JobFailedError when it is not there; InvalidDataError when it is damaged
 */
export async function readLaneState(
  store: Pick<Store, 'get'>,
  { key, crc32: expected }: ObjectReference,
  layout: ParameterLayout,
): Promise<Float32Array> {
  const { bytes } = await store.get(key).catch((cause: unknown) => {
    if (!(cause instanceof ObjectNotFoundError)) throw cause;
    // Nobody removes a state that a job names while its answer counts.
    throw new JobFailedError(`A lane's optimizer state is not there: ${key}`, {
      cause,
      hint: HINT,
    });
  });
  if (crc32(bytes) !== expected) {
    throw new DamagedLaneStateError(`A lane's optimizer state is damaged: ${key}`, {
      hint: HINT,
    });
  }
  return decodeParameters(layout, bytes, key);
}

/** All networks' moments, back to back, in the program's order. */
function laneLayout({ networks }: Program): ParameterLayout {
  return layOut(networks.flatMap((network) => momentsLayout(networkLayout(network)).tensors));
}

function nameOf({ runId, lane }: LocalJob): string {
  return `${runId}/${lane}`;
}

/** The moments among the tensors of an iteration's state. */
export function momentsOf({ networks }: Program, state: Readonly<Record<string, Tensor>>): Moments {
  return Object.fromEntries(
    networks.flatMap(({ name: network, tensors }) =>
      tensors.flatMap(({ name }) => {
        const [, m, v] = stateNames(network, name);
        return [m, v].map((moment) => [moment, state[moment] as Tensor]);
      }),
    ),
  );
}
