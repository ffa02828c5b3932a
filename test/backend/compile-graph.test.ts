import type { Scalar, Tensor, Tensor2D, Variable } from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Backend } from '../../lib/backend/backend.ts';
import { nativeIsInstalled } from '../../lib/backend/choose.ts';
import { compileGraph } from '../../lib/backend/graph/compile.ts';
import { kernelsOf } from '../../lib/backend/graph/kernels.ts';
import type { NamedTensors } from '../../lib/backend/graph/record.ts';
import { loadBackend } from '../../lib/backend/load.ts';
import type { Tfjs } from '../../lib/program/program.ts';
import { bothWays, graphFolders, loadedGraphs, plain } from './compiled.ts';

describe.skipIf(!nativeIsInstalled())('a compiled graph', () => {
  let backend: Backend;
  let tf: Tfjs;
  let before: { tensors: number; graphs: number; folders: string[] };
  const held = () => ({
    tensors: tf.memory().numTensors,
    graphs: loadedGraphs(backend),
    folders: graphFolders(),
  });
  beforeAll(async () => {
    backend = await loadBackend('native', 1);
    tf = backend.tf;
  });
  beforeEach(() => {
    before = held();
  });
  afterEach(() => {
    expect(held()).toEqual(before); // each of these tests is a leak check as well
  });

  it('gives what its function gave when it was compiled, and computes anew for other inputs', () => {
    const [x, other] = [tf.tensor1d([1, 2]), tf.tensor1d([3, 4])];
    const { graph, outputs } = compileGraph(backend, ({ x }) => [tf.square(x as Tensor)], { x });
    expect(outputs.map(plain)).toMatchObject([{ values: [1, 4] }]);
    const results = graph.run({ x: other });
    expect(results.map(plain)).toMatchObject([{ values: [9, 16] }]);
    graph.dispose();
    tf.dispose([x, other, ...outputs, ...results]);
  });

  it('takes variables, and other ones when it runs', () => {
    const variables = [tf.scalar(2), tf.scalar(5)].map((value) => {
      const variable = tf.variable(value) as Variable;
      value.dispose();
      return variable;
    });
    const [w, later] = variables as [Variable, Variable];
    const loss = () => tf.square(w) as Scalar;
    const { graph, outputs } = compileGraph(
      backend,
      () => Object.values(tf.variableGrads(loss, [w]).grads),
      { w },
    );
    const results = graph.run({ w: later });
    expect([...outputs, ...results].map((tensor) => tensor.dataSync()[0])).toEqual([4, 10]);
    graph.dispose();
    tf.dispose([...variables, ...outputs, ...results]);
  });

  it('gives inputs as outputs, and one output twice, each as a tensor of its own', () => {
    const inputs = { a: tf.tensor1d([1, 2]), b: tf.scalar(7, 'int32') };
    const later = { a: tf.tensor1d([5, 6]), b: tf.scalar(8, 'int32') };
    const compute = ({ a, b }: NamedTensors) => {
      const sum = tf.add(a as Tensor, 1);
      return [a as Tensor, sum, sum, b as Tensor, tf.scalar(true, 'bool')];
    };
    const { compiled, eager } = bothWays(backend, compute, inputs, later);
    expect(compiled).toEqual(eager);
    expect(compiled.map(({ values }) => values)).toEqual([[5, 6], [6, 7], [6, 7], [8], [1]]);
    expect([...inputs.a.dataSync(), ...later.a.dataSync()]).toEqual([1, 2, 5, 6]); // still there
    tf.dispose([inputs, later] as never);
  });

  it('does with what it uses, even where that is nothing', () => {
    const inputs = { used: tf.scalar(1), unused: tf.scalar(2) };
    const compute = ({ used }: NamedTensors) => [tf.add(used as Tensor, 1)];
    const { graph, outputs } = compileGraph(backend, compute, inputs);
    const results = graph.run({ used: inputs.used });
    expect(results[0]?.dataSync()[0]).toBe(2);
    graph.dispose();
    tf.dispose([...outputs, ...results]);
    const { compiled } = bothWays(backend, () => [tf.add(tf.scalar(3), 4)], inputs);
    expect(compiled.map(({ values }) => values)).toEqual([[7]]);
    tf.dispose(inputs as never);
  });

  it.each([
    ['is missing', () => ({}), /x is missing; it was compiled for float32 \[2\]/],
    ['has another shape', () => ({ x: tf.tensor1d([1, 2, 3]) }), /x is float32 \[3\]/],
    ['has another type', () => ({ x: tf.tensor1d([1, 2], 'int32') }), /x is int32 \[2\]/],
  ])('does not run when an input %s', (_what, make, message) => {
    const x = tf.tensor1d([1, 2]);
    const { graph, outputs } = compileGraph(backend, ({ x }) => [tf.square(x as Tensor)], { x });
    const wrong: NamedTensors = make();
    expect(() => graph.run(wrong)).toThrow(message);
    graph.dispose();
    expect(() => graph.run({ x })).toThrow('disposed');
    graph.dispose(); // again: nothing happens
    tf.dispose([x, ...outputs, ...Object.values(wrong)]);
  });

  it('cannot have two inputs that share their values', () => {
    const x = tf.scalar(1);
    const twin = x.clone();
    expect(() => compileGraph(backend, () => [x], { x, twin })).toThrow(/inputs x and twin/);
    tf.dispose([x, twin]);
  });

  it('cannot be recorded while another is', () => {
    const x = tf.scalar(1);
    const compute = () => {
      compileGraph(backend, () => [tf.square(x)], { x });
      return [x];
    };
    expect(() => compileGraph(backend, compute, { x })).toThrow('recorded already');
    tf.dispose(x);
  });

  it('holds a whole iteration with Adam, whose weights and moments go in and come out', () => {
    // Prepare
    const inputs = () => ({
      noise: tf.randomNormal([4, 3]),
      w: tf.randomNormal([3, 2]),
      m: tf.zeros([3, 2]),
      v: tf.zeros([3, 2]),
      rate: tf.scalar(0.01),
    });
    const compute = ({ noise, w, m, v, rate }: NamedTensors): Tensor[] => {
      const loss = (weights: Tensor) =>
        tf.mean(tf.square(tf.sub(tf.matMul(noise as Tensor2D, weights as Tensor2D), 1))) as Scalar;
      const gradient = tf.grad(loss)(w as Tensor);
      const mean = tf.add(tf.mul(m as Tensor, 0.9), tf.mul(gradient, 0.1));
      const square = tf.add(tf.mul(v as Tensor, 0.999), tf.mul(tf.square(gradient), 0.001));
      const update = tf.div(tf.mul(mean, rate as Tensor), tf.add(tf.sqrt(square), 1e-8));
      return [tf.sub(w as Tensor, update), mean, square];
    };
    const [first, later] = [inputs(), inputs()];
    // Act
    const { compiled, eager } = bothWays(backend, compute, first, later);
    // Assess
    expect(compiled).toEqual(eager);
    tf.dispose([first, later] as never);
  });

  it('leaves nothing behind in hundreds of runs', () => {
    const x = tf.randomNormal([256, 256]) as Tensor2D;
    const compute = () => [tf.matMul(x, x), tf.square(x)];
    const { graph, outputs } = compileGraph(backend, compute, { x });
    const rss = () => process.memoryUsage.rss() / 2 ** 20;
    const runs = (count: number) => {
      for (let i = 0; i < count; i++) tf.dispose(graph.run({ x }));
    };
    runs(100);
    const [tensorsBefore, rssBefore] = [tf.memory().numTensors, rss()];
    runs(500); // 384 MB of results, and as much again if inputs were kept
    expect(tf.memory().numTensors).toBe(tensorsBefore);
    expect(rss() - rssBefore).toBeLessThan(64);
    graph.dispose();
    tf.dispose([x, ...outputs]);
  });

  it('leaves nothing behind when TensorFlow does not take it', () => {
    const x = tf.scalar(1);
    const kernels = kernelsOf(backend);
    // TensorFlow infers an operation's type when it executes it, and wants it said in a graph.
    const compute = () => [kernels.executeSingleOutput('Square', [], [x])];
    expect(() => compileGraph(backend, compute, { x })).toThrow(
      /does not take the program's operations as a graph: .*Square/s,
    );
    tf.dispose(x);
  });
});
