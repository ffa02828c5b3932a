import { Script } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { InvalidDataError } from '../../lib/errors.ts';
import { attachMetricsWriter } from '../../lib/observe/metrics.ts';
import { readChartLibrary } from '../../lib/observe/report/chart-library.ts';
import { writeReport } from '../../lib/observe/report/write-report.ts';
import { renderTimeline } from '../../lib/observe/timeline/page.ts';
import {
  NotInTimelineError,
  readTimeline,
  type Stretch,
} from '../../lib/observe/timeline/read-timeline.ts';
import { NO_TIMELINE } from '../../lib/observe/timeline/section.ts';
import { timelineSummary } from '../../lib/observe/timeline/summary.ts';
import { formatTimelineLine, timelineSteps } from '../../lib/observe/timeline/timeline-line.ts';
import { attachTimelineWriter } from '../../lib/observe/timeline/timeline-writer.ts';
import { builtInPrograms } from '../../lib/program/built-in.ts';
import { systemClock } from '../../lib/run/clock.ts';
import { RunEventBus } from '../../lib/run/events.ts';
import { createRun } from '../../lib/run/record/runs.ts';
import { type Store, StoreUnavailableError } from '../../lib/store/store.ts';
import { iterationReport, RUN_ID, runConfig, temporaryStore } from './support.ts';
import { jobTrace, tracedIteration } from './timeline-support.ts';

const FOLDER = `runs/${RUN_ID}/timeline/`;

/** A run of which iterations are traced from some on, three at a time. */
async function record(...firsts: readonly number[]) {
  const store = await temporaryStore();
  const bus = new RunEventBus();
  attachTimelineWriter(bus, store, RUN_ID);
  for (const first of firsts) {
    for (const i of [0, 1, 2]) await bus.emit('iteration', tracedIteration(first + i));
    await bus.emit('iteration', iterationReport(first + 3));
  }
  await bus.emit('ended', { status: 'finished', iteration: 1 });
  return { store, bus };
}

async function keysIn(store: Store): Promise<string[]> {
  return (await store.list(FOLDER)).map(({ key }) => key.slice(FOLDER.length)).sort();
}

function iterationsOf(stretch: Stretch | undefined): number[] {
  return [...new Set(stretch?.map(({ iteration }) => iteration))];
}

describe('the timeline writer', () => {
  it('makes one object of each series of traced iterations', async () => {
    const { store } = await record(0, 100);
    expect(await keysIn(store)).toEqual(['0-e1.jsonl', '100-e1.jsonl']);
  });

  it('stores nothing of a run that traces nothing', async () => {
    const { store } = await record();
    expect(await keysIn(store)).toEqual([]);
    expect(await readTimeline(store, RUN_ID)).toBeUndefined();
  });

  it('takes rounds of local iterations together: the iterations between have no steps', async () => {
    const { store, bus } = await record();
    for (let i = 0; i < 6; i++) {
      const report = tracedIteration(i);
      await bus.emit('iteration', {
        ...report,
        steps: i % 2 === 0 ? report.steps.slice(0, 1) : [],
      });
    }
    await bus.emit('ended', { status: 'stopped', iteration: 6 });
    expect(iterationsOf(await readTimeline(store, RUN_ID))).toEqual([0, 2, 4]);
  });

  it('gives up a write that fails: the run goes on, and the next series is stored', async () => {
    const store = await temporaryStore();
    const create: Store['create'] = async (key, ...rest) => {
      if (key.endsWith('/0-e1.jsonl')) throw new StoreUnavailableError('The connection was lost');
      return store.create(key, ...rest);
    };
    const failing = new Proxy(store, {
      get: (target, name) => (name === 'create' ? create : Reflect.get(target, name)),
    });
    const bus = new RunEventBus();
    const writer = attachTimelineWriter(bus, failing, RUN_ID);
    await bus.emit('iteration', tracedIteration(0));
    await writer.flush();
    await bus.emit('iteration', tracedIteration(100));
    await writer.flush();
    expect(await keysIn(store)).toEqual(['100-e1.jsonl']);
  });

  it('comes with the metrics, also when a run fails', async () => {
    const store = await temporaryStore();
    const bus = new RunEventBus();
    const { flush } = attachMetricsWriter(bus, store, RUN_ID, { everyMs: 1e9 });
    await bus.emit('iteration', tracedIteration(0));
    await flush();
    expect(await keysIn(store)).toEqual(['0-e1.jsonl']);
  });
});

it('a worker that tells impossible times does not make the timeline unreadable', async () => {
  const { store, bus } = await record();
  const { steps, ...report } = tracedIteration(0);
  const timing = { loadMs: -1, computeMs: -0.001, compileMs: 1e300, encodeMs: Number.MAX_VALUE };
  const told = { takenAt: Number.MAX_SAFE_INTEGER, startMs: 1e300, storeMs: 0 };
  const jobs = [jobTrace({ timing, told })];
  const [first] = steps.map(({ trace, ...step }) => ({
    ...step,
    ...(trace && { trace: { ...trace, jobs } }),
  }));
  await bus.emit('iteration', { ...report, steps: first ? [first] : [] });
  await bus.emit('ended', { status: 'finished', iteration: 1 });
  const lines = timelineSummary((await readTimeline(store, RUN_ID)) ?? []);
  expect(lines[0]).toBe('Iteration 0, 1 step, 1 worker: 20.0 ms');
});

describe('readTimeline', () => {
  it('gives back what was traced', async () => {
    const { store } = await record(0);
    const expected = [0, 1, 2].flatMap((i) => timelineSteps(tracedIteration(i)));
    expect(await readTimeline(store, RUN_ID, { from: 0 })).toEqual(expected);
  });

  it.each([
    [{}, [100, 101, 102]],
    [{ iterations: 2 }, [101, 102]],
    [{ from: 1 }, [1, 2]],
    [{ from: 0, iterations: 2 }, [0, 1]],
    [{ from: 101, iterations: 50 }, [101, 102]],
  ])('of the range %j it gives what is recorded without a gap', async (range, expected) => {
    const { store } = await record(0, 100);
    expect(iterationsOf(await readTimeline(store, RUN_ID, range))).toEqual(expected);
  });

  it('takes a repeated iteration from the highest epoch', async () => {
    const { store, bus } = await record(0);
    for (const i of [1, 2]) await bus.emit('iteration', tracedIteration(i, { epoch: 10 }));
    await bus.emit('ended', { status: 'finished', iteration: 3 });
    const epochs = async (from: number) =>
      (await readTimeline(store, RUN_ID, { from }))?.map(({ epoch }) => epoch);
    expect(new Set(await epochs(0))).toEqual(new Set([1]));
    expect(new Set(await epochs(1))).toEqual(new Set([10]));
  });

  it('says which iterations there are where one is not recorded', async () => {
    const { store } = await record(0, 100);
    const error: unknown = await readTimeline(store, RUN_ID, { from: 50 }).catch(
      (thrown) => thrown,
    );
    expect(error).toBeInstanceOf(NotInTimelineError);
    expect((error as NotInTimelineError).hint).toContain('It begins at 0, 100,');
  });

  it.each(['{"iteration":0}', '', 'null'])(
    'names the line that is not a step: %j',
    async (line) => {
      const store = await temporaryStore();
      const [good] = timelineSteps(tracedIteration(0)).map(formatTimelineLine);
      await store.create(`${FOLDER}0-e1.jsonl`, Buffer.from(`${good}\n${line}\n`));
      const error: unknown = await readTimeline(store, RUN_ID).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(InvalidDataError);
      expect((error as Error).message).toContain(`${FOLDER}0-e1.jsonl, line 2,`);
    },
  );

  it('shows few iterations where they have very many jobs, but at least one', async () => {
    const store = await temporaryStore();
    const bus = new RunEventBus();
    attachTimelineWriter(bus, store, RUN_ID);
    for (const i of [0, 1, 2]) {
      const { steps, ...report } = tracedIteration(i);
      const jobs = Array.from({ length: 150 }, (_, index) => jobTrace({ index }));
      const many = steps.map(({ trace, ...step }) => ({
        ...step,
        ...(trace && { trace: { ...trace, jobs } }),
      }));
      await bus.emit('iteration', { ...report, steps: many });
    }
    await bus.emit('ended', { status: 'finished', iteration: 3 });
    expect(iterationsOf(await readTimeline(store, RUN_ID))).toEqual([2]);
  });
});

it('the summary tells the shares of the time, and the slowest worker', async () => {
  const { store } = await record(0);
  const lines = timelineSummary((await readTimeline(store, RUN_ID)) ?? []);
  expect(lines[0]).toBe('Iterations 0 to 2, 9 steps, 2 workers: 220 ms');
  expect(lines).toContain('  computing                         45.0 ms   20%');
  expect(lines.at(-1)).toMatch(/^Slowest worker: process \d, 10\.0 ms per job \(all: 10\.0 ms\)/);
});

describe('the page', () => {
  it('loads nothing, and has the jobs by worker', async () => {
    const { store } = await record(0);
    const stretch = (await readTimeline(store, RUN_ID)) ?? [];
    const page = renderTimeline(runConfig(), stretch, await readChartLibrary());
    expect(page).toContain("default-src 'none'");
    expect(page).not.toMatch(/(?:src|href)="https?:/);
    const [, json = ''] =
      /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(page) ?? [];
    const { timeline } = JSON.parse(json);
    expect(timeline.rows).toEqual(['coordinator', 'process 1', 'process 2']);
    expect(timeline.jobs).toHaveLength(18);
    const scripts = [...page.matchAll(/<script>(.*?)<\/script>/gs)].map(([, text = '']) => text);
    expect(scripts).toHaveLength(2);
    for (const script of scripts) expect(() => new Script(script)).not.toThrow();
  });

  it("cannot be broken out of by a worker's name", async () => {
    const { store, bus } = await record();
    const { steps, ...report } = tracedIteration(0);
    const jobs = [jobTrace({ worker: '</script><b>' })];
    const named = steps.map(({ trace, ...step }) => ({
      ...step,
      ...(trace && { trace: { ...trace, jobs } }),
    }));
    await bus.emit('iteration', { ...report, steps: named });
    await bus.emit('ended', { status: 'finished', iteration: 1 });
    const stretch = (await readTimeline(store, RUN_ID)) ?? [];
    const page = renderTimeline(runConfig(), stretch, await readChartLibrary());
    expect(page).not.toContain('</script><b>');
  });

  it('is a section of the report, or a sentence where there is no timeline', async () => {
    const { store } = await record(0);
    const bare = await temporaryStore();
    const pages = await Promise.all(
      [store, bare].map(async (one) => {
        await createRun(one, runConfig(), systemClock);
        const { bytes } = await one.get(await writeReport(one, RUN_ID, builtInPrograms()));
        return Buffer.from(bytes).toString('utf8');
      }),
    );
    expect(pages[0]).toContain('<h2>Timeline: Iterations 0 to 2, 9 steps, 2 workers</h2>');
    expect(pages[1]).toContain(NO_TIMELINE);
  });
});
