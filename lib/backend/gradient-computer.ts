import type { Tensor } from '@tensorflow/tfjs-core';
import type { NetworkParameters, PhaseInputs, PhaseSpec } from '../program/program.ts';
import { RecentlyUsed } from '../recently-used.ts';
import { agree } from './agreement.ts';
import type { Backend } from './backend.ts';
import {
  gradientTensors,
  type ShardGradient,
  shardGradient,
  takeShardGradient,
} from './gradient.ts';
import { type CompiledGraph, compileGraph } from './graph/compile.ts';
import { GraphRefusedError } from './graph/errors.ts';
import type { NamedTensors } from './graph/record.ts';

/**
 * How gradients are computed. `eager`: one operation after the other. `compiled`: as one graph,
 * which is faster, and whose bits may differ from eager ones where TensorFlow fuses operations.
 */
export type GradientMode = 'compiled' | 'eager';

/** How many graphs are held. Two phases with two shard sizes have four; there may be a few runs. */
const CAPACITY = 16;

/** How far a graph's result may be from the eager one, relative. */
const TOLERANCE = 1e-4;

/**
 * The same where the eager result is known to follow from the inputs: an activation that rounding
 * moves over a kink, such as that of ReLU, changes a gradient by more than rounding.
 */
const TOLERANCE_AT_KINKS = 1e-2;

/** A gradient to compute. */
export interface GradientTask {
  /** Tells losses apart: the program with its settings, and which phase. */
  readonly loss: string;
  readonly phase: PhaseSpec;
  /** All that the loss uses; the tensors of the phase's own network are variables. */
  readonly networks: NetworkParameters;
  readonly inputs: PhaseInputs;
  /** Where to put the gradient. Default: fresh memory. */
  readonly memory?: Float32Array;
}

/** A gradient, and the milliseconds of compiling it: 0 when its graph was there already. */
export interface ComputedGradient extends ShardGradient {
  readonly compileMs: number;
}

interface HeldGraph {
  readonly graph: CompiledGraph;
  /** Whether it was compared with an eager result for inputs other than those of its recording. */
  checked: boolean;
}

/**
 * Computes gradients, and keeps the graphs of those that are compiled.
 *
 * The answer is always the graph's own, from the first job on: a worker that joins late, and
 * records where others have a graph already, answers with the same bits.
 */
export class GradientComputer {
  readonly #backend: Backend;
  readonly #graphs: RecentlyUsed<HeldGraph>;

  constructor(backend: Backend, capacity = CAPACITY) {
    this.#backend = backend;
    this.#graphs = new RecentlyUsed(capacity, ({ graph }) => graph.dispose());
  }

  /**
   * Leaves no tensor behind.
   *
   * @throws GraphRefusedError when the loss cannot be compiled, or is not a function of its inputs
   */
  compute(mode: GradientMode, task: GradientTask): ComputedGradient {
    if (mode === 'eager') {
      const { phase, networks, inputs, memory } = task;
      const tensors = gradientTensors(this.#backend.tf, phase, networks, inputs);
      return { ...takeShardGradient(phase, tensors, memory), compileMs: 0 };
    }
    const tensors = namedTensors(task);
    const key = keyOf(task, tensors);
    const held = this.#graphs.get(key);
    if (!held) return this.#record(key, task, tensors);
    const result = takeShardGradient(task.phase, held.graph.run(tensors), task.memory);
    if (held.checked) return { ...result, compileMs: 0 };
    const startedAt = performance.now();
    this.#requireAgreement(task, result, this.#eager(task));
    held.checked = true;
    return { ...result, compileMs: performance.now() - startedAt };
  }

  /** Free all graphs. */
  close(): void {
    this.#graphs.clear();
  }

  #record(key: string, task: GradientTask, tensors: NamedTensors): ComputedGradient {
    const startedAt = performance.now();
    const { phase, networks, inputs } = task;
    const compute = () => {
      const [kept, ...gradients] = gradientTensors(this.#backend.tf, phase, networks, inputs);
      const statistics = (kept as Tensor).clone();
      kept?.dispose();
      return [statistics, ...gradients];
    };
    const { graph, outputs } = compileGraph(this.#backend, compute, tensors);
    this.#graphs.set(key, { graph, checked: false });
    const eager = takeShardGradient(phase, outputs);
    const result = takeShardGradient(phase, graph.run(tensors), task.memory);
    this.#requireAgreement(task, result, eager);
    return { ...result, compileMs: performance.now() - startedAt };
  }

  #eager({ phase, networks, inputs }: GradientTask): ShardGradient {
    return shardGradient(this.#backend.tf, phase, networks, inputs);
  }

  /**
   * Throw if a graph does not compute what the loss says. A constant that JavaScript makes anew for
   * each job, such as random numbers, is frozen into the graph. That shows with the next job.
   */
  #requireAgreement(task: GradientTask, result: ShardGradient, eager: ShardGradient): void {
    const { phase, networks } = task;
    const sizes = Object.values(networks[phase.network] ?? {}).map(({ size }) => size);
    if (agree(eager, result, sizes, TOLERANCE)) return;
    const isFunction = agree(eager, this.#eager(task), sizes, TOLERANCE);
    if (isFunction && agree(eager, result, sizes, TOLERANCE_AT_KINKS)) return;
    throw new GraphRefusedError(
      `The compiled gradient of phase ${phase.name} is not what its loss gives for another job: the loss uses numbers that JavaScript makes anew each time, such as those of tf.randomNormal, tf.dropout or Math.random`,
      "Take random numbers from the phase's noise, which is an input",
    );
  }
}

/** All that a loss is computed from, by names that tell networks and inputs apart. */
function namedTensors({ networks, inputs }: GradientTask): NamedTensors {
  const weights = Object.entries(networks).flatMap(([network, parameters]) =>
    Object.entries(parameters).map(([name, tensor]) => [`network/${network}/${name}`, tensor]),
  );
  const given = Object.entries<Tensor | undefined>({ ...inputs })
    .filter(([, tensor]) => tensor !== undefined)
    .map(([name, tensor]) => [`input/${name}`, tensor]);
  return Object.fromEntries([...weights, ...given]);
}

function keyOf({ loss }: GradientTask, tensors: NamedTensors): string {
  const forms = Object.entries(tensors).map(([name, { dtype, shape }]) => [name, dtype, shape]);
  return JSON.stringify([loss, forms]);
}
