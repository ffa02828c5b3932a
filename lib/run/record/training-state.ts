import { type AdamState, initialAdamState } from '../../numeric/adam.ts';
import type { ParameterLayout } from '../../numeric/parameter-block.ts';
import { initialParameters, networkLayout } from '../../program/network.ts';
import type { Program } from '../../program/program.ts';

/** One network in training. Its version is the number of updates it has had. */
export interface NetworkState {
  readonly layout: ParameterLayout;
  readonly adam: AdamState;
}

/** All that a run's future follows from, beside its config: every network with its optimizer. */
export type TrainingState = ReadonlyMap<string, NetworkState>;

/** The state before the first step, from the seed alone. */
export function initialState(program: Program, seed: number): TrainingState {
  return new Map(
    program.networks.map((network) => {
      const adam = initialAdamState(initialParameters(program, network.name, seed));
      return [network.name, { layout: networkLayout(network), adam }];
    }),
  );
}

/** A network's state. */
export function networkState(state: TrainingState, network: string): NetworkState {
  const found = state.get(network);
  if (!found) throw new Error(`The state has no network ${network}`);
  return found;
}

/** The state with one network's optimizer replaced: the others are the very same objects. */
export function withAdam(state: TrainingState, network: string, adam: AdamState): TrainingState {
  return new Map(state).set(network, { ...networkState(state, network), adam });
}
