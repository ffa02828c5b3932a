import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { AdamSettings } from '../numeric/adam.ts';
import type { PhaseInputs, PhaseSpec, Program, Tfjs } from '../program/program.ts';
import type { NamedTensors } from './graph/record.ts';

/** Adam's settings that are the same in every update: the learning rate is in an input. */
export type AdamConstants = Omit<AdamSettings, 'learningRate'>;

/** The names of a tensor's value and moments, such as `D.w1`, `D.w1.m` and `D.w1.v`. */
export function stateNames(network: string, tensor: string): readonly [string, string, string] {
  const name = `${network}.${tensor}`;
  return [name, `${name}.m`, `${name}.v`];
}

/** The name of a phase's own input, such as `noise/0`. */
export function inputName(input: string, phase: number): string {
  return `${input}/${phase}`;
}

/**
 * The names of the tensors that an iteration begins and ends with: all networks' and their
 * moments'.
 */
export function stateNamesOf({ networks }: Program): string[] {
  return networks.flatMap(({ name, tensors }) =>
    tensors.flatMap((tensor) => [...stateNames(name, tensor.name)]),
  );
}

/**
 * One whole iteration: each phase's gradient, and Adam applied to its network.
 *
 * Adam has TensorFlow 1's form, as in `adamStep`, here in float32. The step size of each update
 * comes as an input, because it changes with the number of updates.
 *
 * @param inputs the state, by `stateNamesOf`, and for each phase its own by `inputName`: all that
 *   its loss is computed from, and the scalar `rate`
 * @returns the state after it, in the order of `stateNamesOf`, then for each phase the loss and its
 *   statistics in one tensor
 */
export function trainIteration(
  tf: Tfjs,
  program: Program,
  adam: AdamConstants,
  inputs: NamedTensors,
): Tensor[] {
  const state: Record<string, Tensor> = { ...inputs };
  const told = program.phases.map((phase, i) => {
    const { statistics, gradients } = phaseGradient(tf, program, phase, state, i);
    applyAdam(tf, phase.network, gradients, adam, state, state[inputName('rate', i)] as Scalar);
    return statistics;
  });
  // Copies that share their values: a network that no phase trains ends as the input that it was.
  const ended = stateNamesOf(program).map((name) => tf.clone(state[name] as Tensor));
  return [...ended, ...told];
}

/** What a phase's loss is computed from, among all inputs. */
function inputsOf(inputs: NamedTensors, phase: number): PhaseInputs {
  const own = Object.entries(inputs).flatMap(([name, tensor]) => {
    const [input = '', index] = name.split('/');
    return index === String(phase) ? [[input, tensor] as const] : [];
  });
  return Object.fromEntries(own) as unknown as PhaseInputs;
}

/** A phase's gradient by tensor, and its loss and statistics in one tensor. */
function phaseGradient(
  tf: Tfjs,
  { networks: specs }: Program,
  phase: PhaseSpec,
  state: NamedTensors,
  index: number,
): { statistics: Tensor; gradients: ReadonlyMap<string, Tensor> } {
  const networks: Record<string, Record<string, Tensor>> = {};
  for (const { name, tensors } of specs) {
    networks[name] = Object.fromEntries(
      tensors.map((tensor) => [tensor.name, state[`${name}.${tensor.name}`] as Tensor]),
    );
  }
  const own = networks[phase.network] ?? {};
  const names = Object.keys(own);
  const inputs = inputsOf(state, index);
  let kept: Tensor | undefined;
  const lossOf = (): Scalar => {
    const { loss, statistics } = phase.loss(tf, networks, inputs);
    kept = tf.keep(tf.stack([loss, ...statistics]));
    return loss;
  };
  try {
    // Not `tf.grads`, which wants a gradient for every tensor: a tensor that no loss uses has none.
    const { grads } = tf.engine().gradients(lossOf, Object.values(own), undefined, true);
    const statistics = (kept as unknown as Tensor).clone();
    const gradients = names.map((name, i) => {
      return [name, grads[i] ?? tf.zerosLike(own[name] as Tensor)] as const;
    });
    return { statistics, gradients: new Map(gradients) };
  } finally {
    kept?.dispose();
  }
}

/** Put the network's tensors and moments after one update into the state. */
function applyAdam(
  tf: Tfjs,
  network: string,
  gradients: ReadonlyMap<string, Tensor>,
  { beta1, beta2, epsilon }: AdamConstants,
  state: Record<string, Tensor>,
  rate: Scalar,
): void {
  for (const [tensor, gradient] of gradients) {
    const [value, m, v] = stateNames(network, tensor);
    const first = tf.add(tf.mul(state[m] as Tensor, beta1), tf.mul(gradient, 1 - beta1));
    const second = tf.add(
      tf.mul(state[v] as Tensor, beta2),
      tf.mul(tf.square(gradient), 1 - beta2),
    );
    const change = tf.div(tf.mul(first, rate), tf.add(tf.sqrt(second), epsilon));
    state[m] = first;
    state[v] = second;
    state[value] = tf.sub(state[value] as Tensor, change);
  }
}
