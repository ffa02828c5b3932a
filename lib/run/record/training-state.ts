import { type AdamState, initialAdamState } from '../../numeric/adam.ts';
import type { ParameterLayout } from '../../numeric/parameter-block.ts';
import { initialParameters, networkLayout } from '../../program/network.ts';
import type { Program } from '../../program/program.ts';
import type { CheckpointContents, CheckpointFile, CheckpointReader } from './checkpoint.ts';
import type { InitialParameters } from './initial-weights.ts';
import { momentsFile } from './keys.ts';
import { joinMoments, momentsLayout, splitMoments } from './moments.ts';

/** A network's weights at one moment. */
export interface NetworkWeights {
  readonly layout: ParameterLayout;
  readonly parameters: Float32Array;
  /** Grows with each change of the weights. */
  readonly version: number;
}

/** One network in training. Its version is the number of updates it has had. */
export interface NetworkState {
  readonly layout: ParameterLayout;
  readonly adam: AdamState;
}

/** Every network with its optimizer. A run's future follows from this and its config alone. */
export type TrainingState = ReadonlyMap<string, NetworkState>;

/**
 * The state before the first step.
 *
 * @param given parameters of networks that do not begin from the seed
 */
export function initialState(
  program: Program,
  seed: number,
  given: InitialParameters = new Map(),
): TrainingState {
  return new Map(
    program.networks.map((network) => {
      const { name } = network;
      const adam = initialAdamState(given.get(name) ?? initialParameters(program, name, seed));
      return [name, { layout: networkLayout(network), adam }];
    }),
  );
}

/** A network's state. */
export function networkState(state: TrainingState, network: string): NetworkState {
  const found = state.get(network);
  if (!found) throw new Error(`The state has no network ${network}`);
  return found;
}

/** The state with one network's optimizer replaced. The others are the same objects as before. */
export function withAdam(state: TrainingState, network: string, adam: AdamState): TrainingState {
  return new Map(state).set(network, { ...networkState(state, network), adam });
}

/** Every network's weights. */
export function weightsOf(state: TrainingState): ReadonlyMap<string, NetworkWeights> {
  return new Map(
    [...state].map(
      ([
        network,
        {
          layout,
          adam: { parameters, updates: version },
        },
      ]) => [network, { layout, parameters, version }],
    ),
  );
}

/**
 * A state as a checkpoint holds it: for each network a file of weights and one of Adam's moments.
 */
export function stateContents(state: TrainingState): CheckpointContents {
  const updates: Record<string, number> = {};
  const files = new Map<string, CheckpointFile>();
  for (const [network, { layout, adam }] of state) {
    updates[network] = adam.updates;
    files.set(network, { layout, block: adam.parameters });
    files.set(momentsFile(network), {
      layout: momentsLayout(layout),
      block: joinMoments(layout, adam),
    });
  }
  return { updates, files };
}

/** Read back what {@link stateContents} gave. @throws CheckpointError */
export async function readState(
  checkpoint: CheckpointReader,
  { networks }: Program,
): Promise<TrainingState> {
  const state = new Map<string, NetworkState>();
  for (const network of networks) {
    const layout = networkLayout(network);
    const parameters = await checkpoint.block(network.name, layout);
    const moments = await checkpoint.block(momentsFile(network.name), momentsLayout(layout));
    const updates = checkpoint.updates(network.name);
    const adam = { parameters, updates, ...splitMoments(layout, moments) };
    state.set(network.name, { layout, adam });
  }
  return state;
}
