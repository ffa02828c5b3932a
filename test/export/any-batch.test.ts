import type { Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../lib/backend/backend.ts';
import { anyBatch, type SizedGraph } from '../../lib/backend/graph/any-batch.ts';
import { recordGraph } from '../../lib/backend/graph/record.ts';
import { loadBackend } from '../../lib/backend/load.ts';
import type { Tfjs } from '../../lib/program/program.ts';

let backend: Backend;
beforeAll(async () => {
  backend = await loadBackend('native', 1);
});

type Compute = (tf: Tfjs, noise: Tensor) => Tensor;

function recorded(compute: Compute, rows: number): SizedGraph {
  const { tf } = backend;
  const noise = tf.ones([rows, 4]);
  const { graph, outputs } = recordGraph(
    backend,
    ({ noise: given }) => [compute(tf, given as Tensor)],
    { noise },
  );
  tf.dispose([noise, outputs]);
  return { graph, rows };
}

const joined = (compute: Compute) => anyBatch(recorded(compute, 2), recorded(compute, 3), 'noise');

describe('two recordings become one graph for any number of rows', () => {
  it('where shapes follow from the rows, in multiples too', () => {
    const graph = joined((tf, noise) => {
      const [rows = 0] = noise.shape;
      return tf.reshape(tf.reshape(noise, [rows * 2, 2]), [rows, 2, 2]);
    });
    expect(graph.inputs.map(({ shape }) => shape)).toEqual([[-1, 4]]);
    const operations = graph.nodes.map((node) => node.getOp());
    expect(operations.filter((op) => op === 'Pack')).toHaveLength(2);
    expect(operations).toContain('StridedSlice');
  });

  it('where nothing but the input follows from them', () => {
    const operations = joined((tf, noise) => tf.relu(noise)).nodes.map((node) => node.getOp());
    expect(operations).toEqual(['Placeholder', 'Relu', 'Identity']);
  });

  it.each<[string, Compute]>([
    [
      'constants as long as the rows',
      (tf, noise) => tf.add(noise, tf.zeros([noise.shape[0] ?? 0, 4])),
    ],
    ['other operations', (tf, noise) => (noise.shape[0] === 2 ? tf.relu(noise) : tf.exp(noise))],
    ['more operations', (tf, noise) => (noise.shape[0] === 2 ? noise : tf.exp(noise))],
  ])('not where there are %s, which is said', (_what, compute) => {
    expect(() => joined(compute)).toThrow('cannot be one graph for any number of images');
  });
});
