/**
 * The coordinator's own work a step at 8 shards: decode, sum, Adam and encode of each network, in
 * milliseconds: `npm run bench:coordinator`. One JSON line a network and wire format.
 */
import { adamStep, initialAdamState } from '../lib/numeric/adam.ts';
import { GradientSum } from '../lib/numeric/gradient-sum.ts';
import { mlpGan } from '../lib/program/mlp-gan.ts';
import { initialParameters, networkLayout } from '../lib/program/network.ts';
import { crc32 } from '../lib/wire/checksum.ts';
import { encodeGradient, gradientSummand } from '../lib/wire/gradient.ts';
import { ParameterEncoder } from '../lib/wire/parameters.ts';
import { median, print, round } from './processes.ts';

const SHARDS = 8;
const SHARD_SIZE = 16;
const STEPS = 60;
const WARM_UP = 10;
const SETTINGS = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

const program = mlpGan.create({ outputScale: 1 });
for (const wire of ['f32', 'f16', 'int8'] as const) {
  for (const network of program.networks) {
    const layout = networkLayout(network);
    const parameters = initialParameters(program, network.name, 1);
    const gradients = Array.from({ length: SHARDS }, (_, shard) => {
      const values = parameters.map((value, i) => (value + Math.sin(i + shard)) / 1000);
      return encodeGradient(layout, values, wire, { seed: 0, step: 0, shard });
    });
    const accumulator = new Float64Array(layout.size);
    const encoder = new ParameterEncoder(layout);
    let state = initialAdamState(parameters);
    const parts = { decodeAndSum: [] as number[], adam: [] as number[], encode: [] as number[] };
    const total: number[] = [];
    for (let step = 0; step < STEPS; step++) {
      const startedAt = performance.now();
      const sum = new GradientSum(accumulator, Array(SHARDS).fill(SHARD_SIZE));
      gradients.forEach((bytes, shard) => {
        crc32(bytes);
        sum.add(shard, gradientSummand(layout, bytes, 'bench'));
      });
      const summedAt = performance.now();
      state = adamStep(state, sum.sum, SHARDS * SHARD_SIZE, SETTINGS);
      const appliedAt = performance.now();
      crc32(encoder.encode(state.parameters));
      const endedAt = performance.now();
      if (step < WARM_UP) continue;
      parts.decodeAndSum.push(summedAt - startedAt);
      parts.adam.push(appliedAt - summedAt);
      parts.encode.push(endedAt - appliedAt);
      total.push(endedAt - startedAt);
    }
    print({
      bench: 'coordinator',
      network: network.name,
      wire,
      shards: SHARDS,
      ms: round(median(total)),
      decodeAndSumMs: round(median(parts.decodeAndSum)),
      adamMs: round(median(parts.adam)),
      encodeMs: round(median(parts.encode)),
    });
  }
}
