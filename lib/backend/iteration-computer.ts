import type { Tensor } from '@tensorflow/tfjs-core';
import type { Program } from '../program/program.ts';
import { RecentlyUsed } from '../recently-used.ts';
import type { Backend } from './backend.ts';
import { takeValues } from './gradient.ts';
import type { GradientMode } from './gradient-computer.ts';
import { type CompiledGraph, compileGraph } from './graph/compile.ts';
import type { NamedTensors } from './graph/record.ts';
import { type AdamConstants, stateNamesOf, trainIteration } from './train-iteration.ts';

/** Graphs of whole iterations that are held: a few runs' lanes of up to two sizes. */
const CAPACITY = 8;

/** What tells graphs of iterations apart, beside the sizes of their inputs. */
export interface IterationTask {
  /** The program with its settings. */
  readonly key: string;
  readonly program: Program;
  readonly adam: AdamConstants;
  /**
   * Called before a graph is made of the iteration. It has to throw if a phase's loss is not a
   * function of its inputs alone.
   */
  readonly checkLosses: () => Promise<void>;
}

/** An iteration as it was done. */
export interface IterationResult {
  /** The state after it, by name. The caller disposes of it. */
  readonly state: NamedTensors;
  /** Each phase's loss and statistics, in the order of the phases. */
  readonly statistics: readonly Float32Array[];
  /** The milliseconds of compiling: 0 when the graph was there already. */
  readonly compileMs: number;
}

/**
 * Trains whole iterations, Adam included, and keeps their graphs: state in, state out, one native
 * call each. The state stays in TensorFlow from one iteration to the next.
 */
export class IterationComputer {
  readonly #backend: Backend;
  readonly #graphs = new RecentlyUsed<CompiledGraph>(CAPACITY, (graph) => graph.dispose());

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /**
   * The result is always that of the graph, from the first iteration on, so that the bits do not
   * depend on which worker recorded it.
   *
   * @param inputs see `trainIteration`. The caller disposes of them
   * @throws GraphRefusedError when the iteration cannot be compiled; what `checkLosses` throws
   */
  async compute(
    mode: GradientMode,
    task: IterationTask,
    inputs: NamedTensors,
  ): Promise<IterationResult> {
    const { tf } = this.#backend;
    if (mode === 'eager') {
      const outputs = tf.tidy(() => trainIteration(tf, task.program, task.adam, inputs));
      return { ...resultOf(task.program, outputs), compileMs: 0 };
    }
    const { graph, compileMs } = await this.#graph(task, inputs);
    return { ...resultOf(task.program, graph.run(inputs)), compileMs };
  }

  /** Free all graphs. */
  close(): void {
    this.#graphs.clear();
  }

  async #graph(
    task: IterationTask,
    inputs: NamedTensors,
  ): Promise<{ graph: CompiledGraph; compileMs: number }> {
    const forms = Object.entries(inputs).map(([name, { dtype, shape }]) => [name, dtype, shape]);
    const key = JSON.stringify([task.key, task.adam, forms]);
    const held = this.#graphs.get(key);
    if (held) return { graph: held, compileMs: 0 };
    const startedAt = performance.now();
    await task.checkLosses();
    const { tf } = this.#backend;
    const { graph, outputs } = compileGraph(
      this.#backend,
      (given) => trainIteration(tf, task.program, task.adam, given),
      inputs,
    );
    tf.dispose(outputs);
    this.#graphs.set(key, graph);
    return { graph, compileMs: performance.now() - startedAt };
  }
}

/** The result in an iteration's outputs. Disposes of the statistics' tensors. */
function resultOf(
  program: Program,
  outputs: readonly Tensor[],
): Omit<IterationResult, 'compileMs'> {
  const names = stateNamesOf(program);
  const state = Object.fromEntries(names.map((name, i) => [name, outputs[i] as Tensor]));
  return { state, statistics: outputs.slice(names.length).map(takeValues) };
}
