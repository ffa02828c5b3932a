import type { Tensor2D } from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Backend } from '../../lib/backend/backend.ts';
import { nativeIsInstalled } from '../../lib/backend/choose.ts';
import type { ShardGradient } from '../../lib/backend/gradient.ts';
import { GradientComputer, type GradientTask } from '../../lib/backend/gradient-computer.ts';
import { GraphRefusedError } from '../../lib/backend/graph/errors.ts';
import { loadBackend } from '../../lib/backend/load.ts';
import type { Tfjs } from '../../lib/program/program.ts';
import { sameBits } from '../support/arrays.ts';
import { graphFolders, loadedGraphs } from './compiled.ts';
import { convolutionTask, disposeTask, type SmallLoss, smallTask } from './small-losses.ts';

describe.skipIf(!nativeIsInstalled())('compiled gradients', () => {
  let backend: Backend;
  let tf: Tfjs;
  let computer: GradientComputer;
  let tensorsBefore: number;
  beforeAll(async () => {
    backend = await loadBackend('native', 1);
    tf = backend.tf;
  });
  beforeEach(() => {
    computer = new GradientComputer(backend);
    tensorsBefore = tf.memory().numTensors;
  });
  afterEach(() => {
    vi.restoreAllMocks();
    computer.close();
    expect(loadedGraphs(backend)).toBe(0);
    expect(graphFolders()).toEqual([]);
    expect(tf.memory().numTensors).toBe(tensorsBefore);
  });

  /** What both ways give for one task after the other. */
  function bothWays(makeTask: (seed: number) => GradientTask, seeds = [1, 2, 3]) {
    return seeds.map((seed) => {
      const task = makeTask(seed);
      try {
        return {
          compiled: computer.compute('compiled', task),
          eager: computer.compute('eager', task),
        };
      } finally {
        disposeTask(tf, task);
      }
    });
  }

  const furthest = (a: ShardGradient, b: ShardGradient) =>
    Math.max(...a.gradient.map((value, i) => Math.abs(value - (b.gradient[i] as number))));

  it('are those of the operations one by one, for job after job', () => {
    const loss: SmallLoss = (_tf, output) => tf.softplus(tf.tanh(output));
    for (const { compiled, eager } of bothWays((seed) => smallTask(tf, loss, seed))) {
      expect(compiled.statistics).toEqual(eager.statistics);
      expect(sameBits(compiled.gradient, eager.gradient)).toBe(true);
    }
  });

  it('agree to 1e-5 for convolutions, which TensorFlow fuses', () => {
    for (const { compiled, eager } of bothWays((seed) => convolutionTask(tf, seed))) {
      expect(compiled.statistics.cost).toBeCloseTo(eager.statistics.cost as number, 5);
      const largest = Math.max(...eager.gradient.map(Math.abs));
      expect(largest).toBeGreaterThan(0.01);
      expect(furthest(compiled, eager)).toBeLessThan(1e-5 * largest);
    }
  });

  it('are the same bits from a worker that records as from one that has the graph', () => {
    const other = new GradientComputer(backend);
    const [first, second] = [convolutionTask(tf, 1), convolutionTask(tf, 2)];
    computer.compute('compiled', first);
    const [here, there] = [computer, other].map((each) => each.compute('compiled', second));
    expect(sameBits(here?.gradient as Float32Array, there?.gradient as Float32Array)).toBe(true);
    other.close();
    for (const task of [first, second]) disposeTask(tf, task);
  });

  it('compile once for each size of shard, check once, and keep the graphs used last', () => {
    const bounded = new GradientComputer(backend, 2);
    const timeOf = (examples: number) => {
      const task = smallTask(tf, (_tf, output) => tf.square(output), 1, examples);
      const { compileMs } = bounded.compute('compiled', task);
      disposeTask(tf, task);
      return compileMs > 0;
    };
    expect([4, 4, 4, 4].map(timeOf)).toEqual([true, true, false, false]);
    expect([5, 5, 4].map(timeOf)).toEqual([true, true, false]);
    expect([6, 6, 5].map(timeOf)).toEqual([true, true, true]); // 6 made room for itself: 5 went
    expect(loadedGraphs(backend)).toBe(2);
    bounded.close();
  });

  it('are zero for a tensor that the loss does not use', () => {
    const [{ compiled } = never(), { eager } = never()] = bothWays((seed) => {
      const task = smallTask(tf, (_tf, output) => tf.square(output), seed);
      const unused = tf.tidy(() => tf.variable(tf.zeros([2])));
      return { ...task, networks: { N: { ...task.networks.N, unused } } };
    });
    expect([...compiled.gradient.subarray(6)]).toEqual([0, 0]);
    expect([...eager.gradient.subarray(6)]).toEqual([0, 0]);
  });

  it('are not finite where the eager ones are not: that is told elsewhere', () => {
    const results = bothWays((seed) =>
      smallTask(tf, (_tf, output) => tf.log(tf.mul(output, 0)), seed),
    );
    for (const { compiled, eager } of results) {
      expect(compiled.statistics.cost).toBe(eager.statistics.cost);
      expect(Number.isFinite(compiled.statistics.cost)).toBe(false);
    }
  });

  it.each<[string, SmallLoss]>([
    ['dataSync', (_tf, output) => tf.mul(output, output.dataSync()[0] as number)],
    [
      'arraySync',
      (_tf, output) => tf.mul(output, (output.arraySync()[0] as number[])[0] as number),
    ],
    ['bufferSync', (_tf, output) => tf.mul(output, output.bufferSync().get(0, 0))],
    ['print', (_tf, output) => tap(tf.square(output), () => output.print())],
    ['data', (_tf, output) => tap(tf.square(output), () => void output.data())],
    ['array', (_tf, output) => tap(tf.square(output), () => void output.array())],
    ['buffer', (_tf, output) => tap(tf.square(output), () => void output.buffer())],
  ])('refuse a loss that reads values while it is recorded: %s', (_method, loss) => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    const act = () => bothWays((seed) => smallTask(tf, loss, seed), [1]);
    expect(act).toThrow(GraphRefusedError);
    expect(act).toThrow(/values are read.*compiled gradient/);
    expect(hintOf(act)).toMatch(/tensor operations.*--gradients eager/);
    log.mockRestore();
  });

  it.each<[string, SmallLoss]>([
    [
      'tf.randomNormal',
      (_tf, output) => tf.add(tf.square(output), tf.mul(output, tf.randomNormal([4, 2]))),
    ],
    ['tf.randomUniform', (_tf, output) => tf.mul(output, tf.randomUniform([4, 2]))],
    ['tf.dropout', (_tf, output) => tf.dropout(tf.square(output), 0.5)],
    ['Math.random', (_tf, output) => tf.mul(output, 1 + 0.01 * Math.random())],
    [
      'numbers that change the loss only',
      (_tf, output) => tf.add(tf.square(output), Math.random()),
    ],
  ])('end with the second job where the loss makes random constants: %s', (_name, loss) => {
    // Numbers far from each other: two that happened to be near would agree within the tolerance.
    let drawn = 0;
    vi.spyOn(Math, 'random').mockImplementation(() => (++drawn * 0.618034) % 1);
    const [first, second] = [smallTask(tf, loss, 1), smallTask(tf, loss, 2)];
    computer.compute('compiled', first);
    const act = () => computer.compute('compiled', second);
    expect(act).toThrow(GraphRefusedError);
    expect(act).toThrow(/not what its loss gives for another job.*tf\.dropout/);
    expect(hintOf(act)).toMatch(/phase's noise.*--gradients eager/);
    for (const task of [first, second]) disposeTask(tf, task);
  });

  it('take a random constant that is the same each time', () => {
    const loss: SmallLoss = (_tf, output) =>
      tf.mul(output, tf.randomNormal([4, 2], 0, 1, 'float32', 5));
    for (const { compiled, eager } of bothWays((seed) => smallTask(tf, loss, seed))) {
      expect(furthest(compiled, eager)).toBe(0);
    }
  });

  it.each<[string, SmallLoss, RegExp]>([
    [
      'an operation that draws numbers',
      (_tf, output) =>
        tf.mul(tf.cast(tf.multinomial(tf.ones([4, 2]) as Tensor2D, 2, 7), 'float32'), output),
      /Multinomial.*does not follow from its inputs/,
    ],
    [
      'texts',
      (_tf, output) => tf.where(tf.equal(tf.tensor(['a', 'b']), tf.tensor(['a', 'c'])), output, 0),
      /type string cannot be in a graph/,
    ],
  ])('refuse %s', (_what, loss, message) => {
    const act = () => bothWays((seed) => smallTask(tf, loss, seed), [1]);
    expect(act).toThrow(GraphRefusedError);
    expect(act).toThrow(message);
  });

  it('refuse a loss that assigns a variable', () => {
    const task = smallTask(tf, (_tf, output) => tf.square(output), 1);
    const { phase, networks } = task;
    const assigning = {
      ...phase,
      loss: (...args: Parameters<typeof phase.loss>) => {
        const w = networks.N?.w as ReturnType<Tfjs['variable']>;
        w.assign(tf.zeros([3, 2]));
        return phase.loss(...args);
      },
    };
    const act = () => computer.compute('compiled', { ...task, phase: assigning });
    expect(act).toThrow(/variable is assigned/);
    disposeTask(tf, task);
  });

  it('leave nothing behind in hundreds of jobs', () => {
    const task = convolutionTask(tf, 1);
    const jobs = (count: number) => {
      for (let i = 0; i < count; i++) computer.compute('compiled', task);
      return { tensors: tf.memory().numTensors, graphs: loadedGraphs(backend) };
    };
    const before = jobs(3);
    expect(jobs(300)).toEqual(before);
    disposeTask(tf, task);
  });
});

function hintOf(act: () => unknown): string | undefined {
  try {
    act();
  } catch (error) {
    if (error instanceof GraphRefusedError) return error.hint;
  }
  return undefined;
}

function tap<T>(value: T, act: () => void): T {
  act();
  return value;
}

function never(): never {
  throw new Error('There is no result');
}
