import { expect, it } from 'vitest';
import { loadBackend } from '../../lib/backend/load.ts';
import { Dataset } from '../../lib/data/dataset.ts';
import { coinTosses, drawWithReplacement, StreamTag, streamKey } from '../../lib/numeric/random.ts';
import { builtInPrograms } from '../../lib/program/built-in.ts';
import { dcganDefaults } from '../../lib/program/dcgan-settings.ts';
import type { PhaseSpec } from '../../lib/program/program.ts';
import { drawArrays, toInputs } from '../../lib/run/worker/phase-inputs.ts';

const [SEED, STEP, BATCH, SIDE, EXAMPLES] = [5, 9, 64, 28, 6];
const REFERENCE = { name: 'x', sha256: '0'.repeat(64), examples: EXAMPLES };
const images = Uint8Array.from({ length: EXAMPLES * SIDE * SIDE }, (_, i) => (i * 13) % 251);
const LABELS = Uint8Array.of(0, 1, 2, 2, 1, 0);

it('mirrors the real images that stream 7 says, and gives each its label, for any shards', async () => {
  const meta = {
    format: 1,
    ...REFERENCE,
    shape: [SIDE, SIDE, 1],
    source: '',
    mirror: true,
  } as const;
  const dataset = new Dataset(meta, images, LABELS);
  const settings = { ...dcganDefaults, conditional: true, classes: 3 };
  const program = builtInPrograms().create({ name: 'dcgan', settings });
  const { tf } = await loadBackend('wasm', 1);
  const draw = async (shards: number, shard: number) => {
    const at = { seed: SEED, step: STEP, batch: BATCH, shards, shard, dataset: REFERENCE };
    const phase = program.phases[0] as PhaseSpec;
    const drawn = await drawArrays({ load: async () => dataset }, at, program, phase);
    const inputs = toInputs(tf, program, drawn);
    const { real, realLabels, ...others } = inputs;
    const values = {
      real: [...(real?.dataSync() ?? [])],
      labels: [...(realLabels?.argMax(1).dataSync() ?? [])],
    };
    tf.dispose([real, realLabels, ...Object.values(others)] as never);
    return values;
  };

  const whole = await draw(1, 0);
  const halves = [await draw(2, 0), await draw(2, 1)];

  const stream = (tag: StreamTag) => streamKey(SEED, tag, STEP);
  const drawn = drawWithReplacement(stream(StreamTag.realExamples), 0, BATCH, EXAMPLES);
  const mirrored = coinTosses(stream(StreamTag.augmentation), 0, BATCH);
  const pixel = (e: number, row: number, column: number) => {
    const from = mirrored[e] ? SIDE - 1 - column : column;
    const value = images[((drawn[e] as number) * SIDE + row) * SIDE + from] as number;
    return Math.fround(value / 255);
  };
  for (let e = 0; e < BATCH; e++) {
    const expected = Array.from({ length: SIDE * SIDE }, (_, i) =>
      pixel(e, Math.floor(i / SIDE), i % SIDE),
    );
    expect(whole.real.slice(e * SIDE * SIDE, (e + 1) * SIDE * SIDE)).toEqual(expected);
  }
  expect(whole.labels).toEqual(Array.from(drawn, (index) => LABELS[index]));
  expect(halves.flatMap(({ real }) => real)).toEqual(whole.real);
  expect(halves.flatMap(({ labels }) => labels)).toEqual(whole.labels);
});
