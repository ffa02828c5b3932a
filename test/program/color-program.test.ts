import { PNG } from 'pngjs';
import { beforeAll, expect, test } from 'vitest';
import { packDataset } from '../../lib/data/pack.ts';
import { attachConsole } from '../../lib/observe/console/attach.ts';
import { metricsLine } from '../../lib/observe/json-lines.ts';
import { attachMetricsWriter } from '../../lib/observe/metrics.ts';
import { writeReport } from '../../lib/observe/report/write-report.ts';
import { attachSampleWriter } from '../../lib/observe/sample-writer.ts';
import { declaredMetrics } from '../../lib/observe/titled-metrics.ts';
import { builtInPrograms } from '../../lib/program/built-in.ts';
import type { Message } from '../../lib/queue/queue.ts';
import { systemClock } from '../../lib/run/clock.ts';
import { runKeys } from '../../lib/run/record/keys.ts';
import { createRun } from '../../lib/run/record/runs.ts';
import { createWorker } from '../../lib/run/worker/context.ts';
import { generateImages, generatorLayout } from '../../lib/run/worker/generate.ts';
import { performJob } from '../../lib/run/worker/worker.ts';
import { DiskStore } from '../../lib/store/disk.ts';
import { decodeParameters } from '../../lib/wire/parameters.ts';
import { play, type Script, tinyConfig, Witness } from '../local/scripted-run.ts';
import { capture } from '../observe/support.ts';
import { availableBackend } from '../support/backend.ts';
import { testFolders } from '../support/folders.ts';
import { COLOR_SHAPE, colorProgram } from './color-program.ts';

const ITERATIONS = 40;
/** The colour of every pixel: red, green, blue. */
const ORANGE = [230, 128, 26];
const RGB = 2;

const folder = testFolders();
const programs = builtInPrograms().register(colorProgram); // the one line of registration
const config = tinyConfig({
  program: { name: 'color', settings: {} },
  iterations: ITERATIONS,
  batch: 16,
  shards: 2,
  learningRate: 0.1,
});
const { runId } = config;
const json: string[] = [];
const shown = capture();
let store: DiskStore;

beforeAll(async () => {
  store = await DiskStore.open(await folder());
  const image = Array.from({ length: 6 }, () => ORANGE).flat();
  const images = Uint8Array.from([...image, ...image]);
  const named = { name: 'orange', images, examples: 2, shape: COLOR_SHAPE, source: 'a test' };
  const { name, sha256, examples } = await packDataset(store, named);
  await createRun(store, { ...config, dataset: { name, sha256, examples } }, systemClock);

  const witness = new Witness();
  const { events } = witness;
  attachMetricsWriter(events, store, runId, { everyMs: 1e9 });
  attachSampleWriter(events, store, runId);
  const view = attachConsole(events, { stream: shown.stream, isTTY: false, env: {}, programs });
  const declared = declaredMetrics(programs, config);
  events.on('iteration', (report) => void json.push(metricsLine(declared, report)));

  const backend = await availableBackend();
  const context = createWorker({ store, backend, programs, maxInlineBytes: Infinity });
  let last = Promise.resolve<Message>({ body: '' });
  const script: Script = async (job) => {
    last = last.then(() => performJob(context, job, 1)); // as a worker: one job at a time
    return [await last];
  };
  const { status } = await play({ store, runId, script, change: { programs } }, witness);
  view.close();
  expect(status).toBe('finished');
});

test("the sample grid is a colour PNG of the dataset's colour", async () => {
  const { bytes } = await store.get(runKeys.samples(runId, ITERATIONS));
  const { data, width, height, ...header } = PNG.sync.read(Buffer.from(bytes));
  expect(header).toMatchObject({ colorType: RGB, depth: 8 });
  expect([width, height]).toEqual([2 * 3 + 3, 2 + 2]); // two images and what separates them
  const first = 4 * (width + 1);
  for (const [channel, value] of ORANGE.entries()) {
    expect(Math.abs((data[first + channel] as number) - value), `channel ${channel}`).toBeLessThan(
      25,
    );
  }
});

test('one image by itself is in colour as well', async () => {
  const { bytes } = await store.get(runKeys.singleSample(runId));
  const { width, height, ...header } = PNG.sync.read(Buffer.from(bytes));
  expect(header).toMatchObject({ colorType: RGB });
  expect([width, height]).toEqual([3, 2]);
});

test("JSON and console show the program's metrics in its own order, with its own titles", () => {
  expect(json).toHaveLength(ITERATIONS);
  expect(json.at(-1)).toMatch(
    /^{"iteration":39,"brightest":[01]\.\d+,"off":[\d.e-]+,"ms":[\d.]+}$/,
  );
  expect(shown.lines().join('\n')).toMatch(/ 40\/40 {2}brightest [01]\.\d{4} {2}off by [\d.]+/);
});

test('the report has the chart that the program declares', async () => {
  const { bytes } = await store.get(await writeReport(store, runId, programs));
  const page = Buffer.from(bytes).toString('utf8');
  expect(page).toContain('<h2>Distance from the data</h2>');
  expect(page).toMatch(/"id":"distance","title":"Distance from the data","range":\[0,1\]/);
  expect(page).toContain('"title":"off by"');
  expect(page).toContain('<dt>Brightest</dt>');
});

test('new images have a value a channel, and draw another seed of noise', async () => {
  const backend = await availableBackend();
  const program = programs.create(config.program);
  const { bytes } = await store.get(
    `${runKeys.checkpoint(runId, ITERATIONS, 1)}painter.safetensors`,
  );
  const parameters = decodeParameters(generatorLayout(program), bytes, 'test');
  const tensors = backend.tf.memory().numTensors;
  const draw = (seed: number) =>
    generateImages(backend, { program, parameters, seed: 0 }, { count: 5, seed });
  const images = draw(1);
  expect(images).toHaveLength(5 * 18);
  expect(draw(2)).not.toEqual(images);
  expect(backend.tf.memory().numTensors).toBe(tensors);
});
