import type { Program } from '../../../program/program.ts';
import type { CheckpointContents } from '../../record/checkpoint.ts';
import {
  initialState,
  type NetworkWeights,
  readState,
  stateContents,
  type TrainingState,
  weightsOf,
} from '../../record/training-state.ts';
import type { Aggregation, AggregationFactory, JobOrigin, Stretch } from '../aggregation.ts';
import { StepRound } from './step-round.ts';

/**
 * Every step is averaged: each phase is a round of one gradient job per shard, and the coordinator
 * keeps Adam's moments. The run may stop after each iteration.
 */
export const everyStep: AggregationFactory = async (origin, checkpoint, initial) => {
  const { program, config } = origin;
  const state = checkpoint
    ? await readState(checkpoint, program)
    : initialState(program, config.seed, initial);
  return new EveryStep(origin, state);
};

class EveryStep implements Aggregation {
  readonly #origin: JobOrigin;
  readonly #sums: GradientSums;
  #state: TrainingState;

  constructor(origin: JobOrigin, state: TrainingState) {
    this.#origin = origin;
    this.#sums = new GradientSums(origin.program, state);
    this.#state = state;
  }

  get networks(): ReadonlyMap<string, NetworkWeights> {
    return weightsOf(this.#state);
  }

  next(iteration: number): Stretch {
    const { phases } = this.#origin.program;
    const rounds = phases.map(
      ({ network }, index) =>
        new StepRound(this.#origin, iteration * phases.length + index, {
          sum: this.#sums.of(network),
          state: () => this.#state,
          apply: (state) => {
            this.#state = state;
          },
        }),
    );
    return { iterations: 1, rounds };
  }

  contents(): CheckpointContents {
    return stateContents(this.#state);
  }
}

/** One sum per network. It is used again in each step, because fresh arrays make garbage. */
class GradientSums {
  readonly #byNetwork: ReadonlyMap<string, Float64Array>;

  constructor({ networks }: Program, state: TrainingState) {
    this.#byNetwork = new Map(
      networks.map(({ name }) => [name, new Float64Array(state.get(name)?.layout.size ?? 0)]),
    );
  }

  of(network: string): Float64Array {
    return this.#byNetwork.get(network) ?? new Float64Array();
  }
}
