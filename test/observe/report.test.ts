import { Script } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { attachMetricsWriter } from '../../lib/observe/metrics.ts';
import { writeReport } from '../../lib/observe/report/write-report.ts';
import { attachSampleWriter } from '../../lib/observe/sample-writer.ts';
import { builtInPrograms } from '../../lib/program/built-in.ts';
import { systemClock } from '../../lib/run/clock.ts';
import { RunEventBus } from '../../lib/run/events.ts';
import type { RunConfig } from '../../lib/run/record/config.ts';
import { type Head, RunNotFoundError, readHead, replaceHead } from '../../lib/run/record/head.ts';
import { createRun } from '../../lib/run/record/runs.ts';
import type { Store } from '../../lib/store/store.ts';
import { iterationReport, ManualClock, RUN_ID, runConfig, temporaryStore } from './support.ts';

interface PageData {
  charts: { id: string; from: number[]; to: number[]; series: Record<string, number[]>[] }[];
  resumptions: number[];
  grids: { iteration: number; url: string }[];
}

async function newRun(changes: Partial<RunConfig> = {}): Promise<Store> {
  const store = await temporaryStore();
  await createRun(store, runConfig(changes), systemClock);
  return store;
}

async function train(store: Store, iterations: number, sampleEvery: number): Promise<void> {
  const bus = new RunEventBus();
  attachSampleWriter(bus, store, RUN_ID);
  attachMetricsWriter(bus, store, RUN_ID, { everyMs: 1e9, clock: new ManualClock() });
  for (let i = 0; i < iterations; i++) {
    const epoch = i < iterations / 2 ? 1 : 2;
    await bus.emit('iteration', iterationReport(i, { epoch }));
    if ((i + 1) % sampleEvery === 0) {
      const pixels = Uint8Array.of(i, 1, 2, 3);
      await bus.emit('sample', { iteration: i + 1, pixels, examples: 4, shape: [1, 1, 1] });
    }
  }
  await bus.emit('ended', { status: 'finished', iteration: iterations });
}

async function changeHead(store: Store, change: Partial<Head>): Promise<void> {
  const { head, etag } = await readHead(store, RUN_ID);
  await replaceHead(store, { ...head, ...change }, etag);
}

async function reportOf(store: Store) {
  const { bytes } = await store.get(await writeReport(store, RUN_ID, builtInPrograms()));
  const page = Buffer.from(bytes).toString('utf8');
  const scripts = [...page.matchAll(/<script([^>]*)>(.*?)<\/script>/gs)];
  const json = scripts.find(([, attributes]) => attributes?.includes('id="data"'))?.[2] ?? '';
  const data = JSON.parse(json) as PageData;
  const code = scripts
    .filter(([, attributes]) => attributes === '')
    .map(([, , text]) => text ?? '');
  return { page, bytes: bytes.length, data, code };
}

describe('writeReport', () => {
  it('says what compiling took, which few steps do', async () => {
    const store = await newRun();
    const bus = new RunEventBus();
    attachMetricsWriter(bus, store, RUN_ID, { everyMs: 1e9, clock: new ManualClock() });
    for (const i of [0, 1, 2]) {
      const report = iterationReport(i);
      const steps = report.steps.map((step) => ({
        ...step,
        timing: { ...step.timing, compileMs: i < 2 && step.phase === 'D' ? 60 : 0 },
      }));
      await bus.emit('iteration', { ...report, steps });
    }
    await bus.emit('ended', { status: 'finished', iteration: 3 });
    const { page } = await reportOf(store);
    expect(page).toContain('Compiling gradients took 120 for D in all, as part of compute.');
  });

  it('puts curves, samples, timing, settings and status into one page', async () => {
    const store = await newRun({ augment: ['color', 'cutout'] });
    await train(store, 100, 25);
    await changeHead(store, { status: 'finished', iteration: 100, epoch: 2 });

    const { page, data } = await reportOf(store);

    expect(page).toContain(`<title>${RUN_ID}: Lambduel run</title>`);
    expect(page).toContain('<span class="status good">finished</span>');
    expect(page).toMatch(/learningRate<\/dt><dd class="mono">0\.001/);
    expect(page).toMatch(/augment<\/dt><dd class="mono">color, cutout</);
    expect(page).toMatch(/whole step<\/th><td>16\.0<\/td>/);
    expect(data.charts.map(({ id }) => id)).toEqual(['losses', 'outputs']);
    expect(data.charts[0]?.series[0]).toMatchObject({ title: 'G cost' });
    expect(data.grids.map(({ iteration }) => iteration)).toEqual([25, 50, 75, 100]);
    expect(data.resumptions).toEqual([50]);
  });

  it('tells of rounds where iterations are local: their timing, and examples by all phases', async () => {
    const store = await newRun({ localIterations: 5 });
    const bus = new RunEventBus();
    attachMetricsWriter(bus, store, RUN_ID, { everyMs: 1e9, clock: new ManualClock() });
    for (let i = 0; i < 10; i++) {
      const [first] = iterationReport(i).steps;
      const steps = i % 5 === 0 && first ? [{ ...first, phase: 'local' }] : [];
      await bus.emit('iteration', iterationReport(i, { steps, ms: 10 }));
    }
    await bus.emit('ended', { status: 'finished', iteration: 10 });
    const { page } = await reportOf(store);
    expect(page).toContain('Timing of a round, in milliseconds');
    expect(page).toMatch(/whole round<\/th><td>16\.0<\/td>/);
    expect(page).toContain('<dt>Examples a second</dt><dd>38,400<');
  });

  it('loads nothing: no address of a network is in it but in comments and text', async () => {
    const store = await newRun();
    await train(store, 10, 5);

    const { page } = await reportOf(store);

    const sources = [...page.matchAll(/\b(?:src|href)\s*=\s*"([^"]*)"/g)].map(
      ([, url]) => url ?? '',
    );
    expect(sources.length).toBeGreaterThan(0);
    expect(sources.filter((url) => !url.startsWith('data:'))).toEqual([]);
    expect(page).not.toMatch(/@import|url\(|<(?:link|iframe|object|embed)[^>]*https?:/i);
    expect(page).toContain(`content="default-src 'none'; img-src data:;`);
  });

  it('has scripts that compile', async () => {
    const { code } = await reportOf(await newRun());

    expect(code).toHaveLength(2);
    for (const script of code) expect(() => new Script(script)).not.toThrow();
  });

  it('shows text that looks like markup as text', async () => {
    const store = await newRun({
      preset: '</script><script>alert(1)</script><img src=x onerror=y>',
    });
    const message = '<b>"bold"</b></script><!--';
    await changeHead(store, { status: 'failed', error: { name: 'Error', message } });

    const { page, code } = await reportOf(store);

    expect(code).toHaveLength(2);
    expect(page).not.toContain('<script>alert');
    expect(page).not.toContain('<img src=x');
    expect(page).toContain('&lt;b&gt;&quot;bold&quot;&lt;/b&gt;');
  });

  it("cannot be broken out of by a metric's name", async () => {
    const store = await newRun();
    const bus = new RunEventBus();
    const writer = attachMetricsWriter(bus, store, RUN_ID, { everyMs: 1e9 });
    await bus.emit('iteration', iterationReport(0, { metrics: { '</script><script>x': 1 } }));
    await writer.flush();

    const { code, data } = await reportOf(store);

    expect(code).toHaveLength(2);
    expect(data.charts[0]?.series[0]).toMatchObject({ title: '</script><script>x' });
  });

  it('works for a run that has stored nothing yet', async () => {
    const { page, data } = await reportOf(await newRun());

    expect(data).toEqual({ charts: [], resumptions: [], grids: [] });
    expect(page).toContain('No metrics are stored yet');
    expect(page).toContain('No sample grid is drawn yet');
    expect(page).toContain('<span class="status busy">waiting</span>');
  });

  it('stays small for a long run, and keeps its outliers', async () => {
    const store = await newRun({ iterations: 10_000 });
    const bus = new RunEventBus();
    const writer = attachMetricsWriter(bus, store, RUN_ID, { everyMs: 1e9 });
    for (let i = 0; i < 10_000; i++) {
      const metrics = { gCost: i === 4321 ? 99 : 1, dCost: i === 77 ? Number.NaN : 2 };
      await bus.emit('iteration', iterationReport(i, { metrics, steps: [] }));
    }
    await writer.flush();

    const { bytes, data } = await reportOf(store);

    const [losses] = data.charts;
    expect(bytes).toBeLessThan(500_000);
    expect(losses?.from.length).toBeLessThanOrEqual(600);
    expect([losses?.from[0], losses?.to.at(-1)]).toEqual([1, 10_000]);
    expect(Math.max(...(losses?.series[0]?.max ?? []))).toBe(99);
    expect(losses?.series[1]?.mean?.every((value) => value === 2)).toBe(true);
  });

  it('thins out very many grids, but never the first and the last', async () => {
    const store = await newRun();
    await train(store, 300, 1);

    const { data, page } = await reportOf(store);

    expect(data.grids).toHaveLength(120);
    expect([data.grids[0]?.iteration, data.grids.at(-1)?.iteration]).toEqual([1, 300]);
    expect(page).toContain('of 300 stored');
  });

  it('says that there is no such run', async () => {
    await expect(writeReport(await temporaryStore(), RUN_ID, builtInPrograms())).rejects.toThrow(
      RunNotFoundError,
    );
  });
});
