import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidDataError } from '../../lib/errors.ts';
import { attachMetricsWriter, readMetrics } from '../../lib/observe/metrics.ts';
import { formatMetricsLine, parseMetricsLine } from '../../lib/observe/metrics-line.ts';
import { RunEventBus } from '../../lib/run/events.ts';
import { type Store, StoreUnavailableError } from '../../lib/store/store.ts';
import { iterationReport, ManualClock, RUN_ID, temporaryStore } from './support.ts';

const FOLDER = `runs/${RUN_ID}/metrics/`;

async function attach(wrap: (store: Store) => Store = (store) => store) {
  const store = await temporaryStore();
  const bus = new RunEventBus();
  const clock = new ManualClock();
  const writer = attachMetricsWriter(bus, wrap(store), RUN_ID, { everyMs: 1000, clock });
  const train = async (from: number, to: number, epoch = 1) => {
    for (let i = from; i < to; i++) await bus.emit('iteration', iterationReport(i, { epoch }));
  };
  const checkpoint = (iteration: number) => bus.emit('beforeCheckpoint', { iteration });
  const keys = async () => (await store.list(FOLDER)).map(({ key }) => key.slice(FOLDER.length));
  const iterations = async () =>
    (await readMetrics(store, RUN_ID)).map(({ iteration }) => iteration);
  return { store, bus, clock, writer, train, checkpoint, keys, iterations };
}

/** A store whose first `create` fails, before or after it has written. */
function failingOnce(store: Store, when: 'before' | 'after'): Store {
  let failed = false;
  const create: Store['create'] = async (...args) => {
    if (failed) return store.create(...args);
    failed = true;
    if (when === 'after') await store.create(...args);
    throw new StoreUnavailableError('The connection was lost');
  };
  return new Proxy(store, {
    get: (target, name) => {
      if (name === 'create') return create;
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}

describe('the metrics writer', () => {
  it('stores all iterations before a checkpoint, under the first one and the epoch', async () => {
    const { train, checkpoint, keys, store } = await attach();
    await train(0, 3);

    await checkpoint(3);

    expect(await keys()).toEqual(['0-e1.jsonl']);
    expect(await readMetrics(store, RUN_ID)).toEqual([0, 1, 2].map((i) => iterationReport(i)));
  });

  it('stores what waits when the given time has passed, and not before', async () => {
    const { clock, train, keys } = await attach();
    clock.time = 999;
    await train(0, 2);
    const early = await keys();

    clock.time = 1000;
    await train(2, 4);

    expect([early, await keys()]).toEqual([[], ['0-e1.jsonl']]);
  });

  it('stores the rest at the end, and nothing where nothing is left', async () => {
    const { bus, train, checkpoint, keys } = await attach();
    await train(0, 2);
    await checkpoint(2);
    await train(2, 3);

    await bus.emit('ended', { status: 'stopped', iteration: 3 });
    await bus.emit('ended', { status: 'stopped', iteration: 3 });

    expect(await keys()).toEqual(['0-e1.jsonl', '2-e1.jsonl']);
  });

  it.each(['before', 'after'] as const)(
    'neither loses nor doubles a line when a write fails %s it is done',
    async (when) => {
      const { clock, train, checkpoint, iterations } = await attach((store) =>
        failingOnce(store, when),
      );
      clock.time = 1000;
      await train(0, 1); // its write fails, and the run goes on
      await train(1, 5);

      await checkpoint(5);

      expect(await iterations()).toEqual([0, 1, 2, 3, 4]);
    },
  );

  it('ends the run when the write before a checkpoint fails, and can be asked again', async () => {
    const { train, checkpoint, writer, iterations } = await attach((store) =>
      failingOnce(store, 'before'),
    );
    await train(0, 3);

    await expect(checkpoint(3)).rejects.toThrow(StoreUnavailableError);
    await writer.flush();

    expect(await iterations()).toEqual([0, 1, 2]);
  });

  it('writes once when it is asked twice at the same time', async () => {
    const { train, writer, keys, iterations } = await attach();
    await train(0, 3);

    await Promise.all([writer.flush(), writer.flush()]);

    expect([await keys(), await iterations()]).toEqual([['0-e1.jsonl'], [0, 1, 2]]);
  });
});

describe('readMetrics', () => {
  it('gives the highest epoch of an iteration that was played again', async () => {
    const { train, checkpoint, store } = await attach();
    await train(0, 12);
    await checkpoint(12);
    await train(10, 11, 10);
    await checkpoint(11);
    await train(10, 11, 9);
    await checkpoint(11);

    const reports = await readMetrics(store, RUN_ID);

    const epochs = reports.map(({ iteration, epoch }) => [iteration, epoch]);
    expect(epochs.slice(9)).toEqual([
      [9, 1],
      [10, 10],
      [11, 1],
    ]);
  });

  it('sorts by iteration, not by name', async () => {
    const { train, checkpoint, iterations } = await attach();
    for (const first of [9, 10, 100]) {
      await train(first, first + 1);
      await checkpoint(first + 1);
    }

    expect(await iterations()).toEqual([9, 10, 100]);
  });

  it('gives nothing for a run that has no metrics yet', async () => {
    expect(await readMetrics(await temporaryStore(), RUN_ID)).toEqual([]);
  });

  it.each(['{"iteration":', '{"iteration":-1,"epoch":1,"ms":1,"steps":[]}', '', '[]', 'null'])(
    'names the object and the line that is not an iteration: %j',
    async (line) => {
      const store = await temporaryStore();
      const good = formatMetricsLine(iterationReport(0));
      await store.create(`${FOLDER}0-e1.jsonl`, Buffer.from(`${good}\n${line}\n${good}\n`));

      const error: unknown = await readMetrics(store, RUN_ID).catch((thrown: unknown) => thrown);

      expect(error).toBeInstanceOf(InvalidDataError);
      expect((error as Error).message).toContain(`${FOLDER}0-e1.jsonl, line 2,`);
    },
  );
});

describe('a metrics line', () => {
  it('gives back any number, finite or not', () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        const report = iterationReport(0, { metrics: { gCost: value } });

        const { metrics } = parseMetricsLine(formatMetricsLine(report));

        expect(metrics.gCost).toBe(value === 0 ? 0 : value);
      }),
    );
  });

  it('keeps what compiling took, and reads lines from before it was measured', () => {
    const [first, ...others] = iterationReport(0).steps;
    const compiled = { ...first, timing: { ...first?.timing, compileMs: 12.5 } };
    const report = iterationReport(0, { steps: [compiled, ...others] as typeof others });
    const line = formatMetricsLine(report);
    expect(parseMetricsLine(line)).toEqual(report);
    expect(line.match(/compileMs/g)).toHaveLength(1); // where there was none, none is stored
  });

  it('keeps its own keys whatever a program calls its metrics', () => {
    const report = iterationReport(7, { metrics: { epoch: 99, ms: -1, gCost: 2 } });

    const parsed = parseMetricsLine(formatMetricsLine(report));

    expect(parsed).toEqual({ ...report, metrics: { gCost: 2 } });
  });
});
