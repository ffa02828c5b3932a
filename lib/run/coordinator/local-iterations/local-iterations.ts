import { networkLayout } from '../../../program/network.ts';
import type { Program } from '../../../program/program.ts';
import type { ObjectReference } from '../../../wire/messages.ts';
import {
  type CheckpointContents,
  CheckpointError,
  type CheckpointReader,
} from '../../record/checkpoint.ts';
import type { RunConfig } from '../../record/config.ts';
import { checkpointKeys, runKeys } from '../../record/keys.ts';
import { initialState, type NetworkWeights, weightsOf } from '../../record/training-state.ts';
import type { Aggregation, AggregationFactory, JobOrigin, Stretch } from '../aggregation.ts';
import { LanesRound } from './lanes-round.ts';

/**
 * Local iterations: each shard is a lane that trains by itself, with an optimizer of its own, and
 * the lanes' weights are averaged every `localIterations` iterations. The coordinator keeps the
 * averaged weights. The lanes' optimizer states are objects that it names but never reads.
 *
 * The average is plain, in lane order, weighted by examples. An outer momentum, as in DiLoCo
 * (Douillard et al., 2023), was tried. It destroys the training of two networks that are each
 * other's loss.
 */
export const localIterations: AggregationFactory = async (origin, checkpoint, initial) => {
  const { program, config } = origin;
  return checkpoint
    ? new LocalIterations(
        origin,
        await readWeights(checkpoint, program),
        lanesOf(checkpoint, config),
      )
    : new LocalIterations(
        origin,
        weightsOf(initialState(program, config.seed, initial)),
        undefined,
      );
};

class LocalIterations implements Aggregation {
  readonly #origin: JobOrigin;
  /** Used again in each round, because fresh arrays make garbage. */
  readonly #sum: Float64Array;
  #networks: ReadonlyMap<string, NetworkWeights>;
  /** Each lane's optimizer state; undefined before the first round. */
  #lanes: readonly ObjectReference[] | undefined;
  /** Whether a checkpoint names the lanes' states. Then they stay as long as the checkpoint. */
  #isNamed: boolean;

  constructor(
    origin: JobOrigin,
    networks: ReadonlyMap<string, NetworkWeights>,
    lanes: readonly ObjectReference[] | undefined,
  ) {
    this.#origin = origin;
    this.#networks = networks;
    this.#lanes = lanes;
    this.#isNamed = lanes !== undefined;
    const sizes = [...networks.values()].map(({ layout }) => layout.size);
    this.#sum = new Float64Array(sizes.reduce((total, size) => total + size, 0));
  }

  get networks(): ReadonlyMap<string, NetworkWeights> {
    return this.#networks;
  }

  next(iteration: number): Stretch {
    const { iterations: all, localIterations: most } = this.#origin.config;
    const iterations = Math.min(most, all - iteration);
    const round = new LanesRound(
      this.#origin,
      { iteration, iterations },
      {
        sum: this.#sum,
        networks: this.#networks,
        lanes: this.#lanes,
        apply: (networks, lanes) => this.#apply(networks, lanes),
      },
    );
    return { iterations, rounds: [round] };
  }

  contents(): CheckpointContents {
    this.#isNamed = true;
    const networks = [...this.#networks];
    return {
      updates: Object.fromEntries(networks.map(([name, { version }]) => [name, version])),
      files: new Map(
        networks.map(([name, { layout, parameters: block }]) => [name, { layout, block }]),
      ),
      lanes: this.#lanes ?? [],
    };
  }

  /** @returns keys of the states that no job and no checkpoint needs any more */
  #apply(
    networks: ReadonlyMap<string, NetworkWeights>,
    lanes: readonly ObjectReference[],
  ): readonly string[] {
    const obsolete = this.#isNamed ? [] : (this.#lanes ?? []);
    this.#networks = networks;
    this.#lanes = lanes;
    this.#isNamed = false;
    return obsolete.map(({ key }) => key);
  }
}

async function readWeights(
  checkpoint: CheckpointReader,
  { networks }: Program,
): Promise<ReadonlyMap<string, NetworkWeights>> {
  const weights = new Map<string, NetworkWeights>();
  for (const network of networks) {
    const layout = networkLayout(network);
    const parameters = await checkpoint.block(network.name, layout);
    weights.set(network.name, { layout, parameters, version: checkpoint.updates(network.name) });
  }
  return weights;
}

function lanesOf({ lanes, prefix }: CheckpointReader, { runId, shards }: RunConfig) {
  const meta = checkpointKeys.meta(prefix);
  if (lanes.length !== shards) {
    throw new CheckpointError(
      `${meta} names the states of ${lanes.length} lanes, not of ${shards}`,
    );
  }
  const strange = lanes.find(({ key }) => !key.startsWith(runKeys.allLanes(runId)));
  if (!strange) return lanes;
  throw new CheckpointError(`${meta} names ${strange.key}, which is no lane's state of this run`);
}
