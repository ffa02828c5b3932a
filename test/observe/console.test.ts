import { describe, expect, it, onTestFinished } from 'vitest';
import { attachConsole, type ConsoleOptions } from '../../lib/observe/console/attach.ts';
import { builtInPrograms } from '../../lib/program/built-in.ts';
import { RunEventBus } from '../../lib/run/events.ts';
import { capture, iterationReport, ManualClock, runConfig } from './support.ts';

const ESCAPE = '\u001b';
const COLOR = new RegExp(`${ESCAPE}\\[\\d*m`);

function attach(options: Partial<ConsoleOptions> = {}) {
  const output = capture(100);
  const bus = new RunEventBus();
  const clock = new ManualClock();
  const { stream } = output;
  const programs = builtInPrograms();
  const view = attachConsole(bus, { stream, isTTY: false, env: {}, clock, programs, ...options });
  onTestFinished(() => view.close());
  const start = (iterations: number) =>
    bus.emit('started', { config: runConfig({ iterations }), iteration: 0, epoch: 1 });
  /** Iterations that take so many milliseconds each. */
  const train = async (from: number, to: number, ms: number) => {
    for (let i = from; i < to; i++) {
      clock.time += ms;
      await bus.emit('iteration', iterationReport(i));
    }
  };
  const iterations = () => output.lines().filter((line) => line.startsWith('iteration'));
  return { ...output, bus, clock, view, start, train, iterations };
}

describe('the console without a terminal', () => {
  it('writes the first iteration, at most one a second, and the last', async () => {
    const { start, train, iterations } = attach();
    await start(35);

    await train(0, 35, 100);

    const shown = iterations().map((line) => Number(/iteration +(\d+)\/35/.exec(line)?.[1]));
    expect(shown).toEqual([1, 11, 21, 31, 35]);
  });

  it('writes every iteration of a slow run', async () => {
    const { start, train, iterations } = attach();
    await start(5);

    await train(0, 5, 1500);

    expect(iterations()).toHaveLength(5);
  });

  it('shows the columns, the pace and the time left', async () => {
    const { start, train, iterations } = attach();
    await start(100);

    await train(0, 1, 100);

    expect(iterations()).toEqual([
      'iteration   1/100  G cost 0.7500  D cost 1.2500  largest pixel 0.5000  D on fakes 0.3750' +
        '  D on reals 0.6250  3,840 examples/s  0:10 left',
    ]);
  });

  it('shows the same pace of local iterations, which are told a round at a time', async () => {
    const { bus, clock, iterations } = attach();
    const config = runConfig({ iterations: 100, localIterations: 20 });
    await bus.emit('started', { config, iteration: 0, epoch: 1 });
    for (let i = 0; i < 100; i++) {
      if (i % 20 === 0) clock.time += 2000;
      const steps = i % 20 === 0 ? iterationReport(i).steps.slice(0, 1) : [];
      await bus.emit('iteration', iterationReport(i, { steps }));
    }

    expect(iterations().at(-1)).toMatch(/^iteration 100\/100 .* 3,840 examples\/s/);
  });

  it('writes the last iteration of a run that is stopped before its end, once', async () => {
    const { bus, view, start, train, lines } = attach();
    await start(100);
    await train(0, 5, 100);

    await bus.emit('ended', { status: 'stopped', iteration: 5 });
    view.close();

    expect(lines().slice(-2)).toEqual([
      expect.stringContaining('iteration   5/100'),
      'stopped after 5 of 100: 5 iterations in 0:01',
    ]);
  });

  it('writes the last iteration of a run that fails when it is closed', async () => {
    const { view, start, train, lines } = attach();
    await start(100);
    await train(0, 5, 100);

    view.close();

    expect(lines().at(-1)).toContain('iteration   5/100');
  });

  it('writes no control character, whatever it is told', async () => {
    const { view, start, train, lines, text } = attach();
    await start(2);
    await train(0, 2, 100);

    view.note(`\u0007${ESCAPE}[31mworker 3\nis ${ESCAPE}[2Jgone`);

    expect(lines().at(-1)).toBe('worker 3 is gone');
    expect(text()).not.toMatch(/[^\P{Cc}\n]/u);
  });

  it('is what a terminal without capabilities gets', async () => {
    const { start, train, text, iterations } = attach({ isTTY: true, env: { TERM: 'dumb' } });
    await start(2);

    await train(0, 2, 100);

    expect(iterations()).toHaveLength(2);
    expect(text()).not.toContain(ESCAPE);
  });

  it('is what a terminal of unknown size gets', async () => {
    const { stream, lines } = capture(0);
    const { start, train } = attach({ isTTY: true, stream });
    await start(2);

    await train(0, 2, 100);

    expect(lines()).toHaveLength(2);
  });
});

describe('the console on a terminal', () => {
  it('draws at most ten times a second', async () => {
    const { start, train, written } = attach({ isTTY: true });
    await start(1000);

    await train(0, 1000, 2);

    expect(written.length).toBeGreaterThan(10);
    expect(written.length).toBeLessThanOrEqual(21);
  });

  it('leaves the final block behind', async () => {
    const { bus, view, start, train, written } = attach({ isTTY: true, env: { NO_COLOR: '1' } });
    await start(20);
    await train(0, 20, 2);
    view.setWorkers(4);

    await bus.emit('ended', { status: 'finished', iteration: 20 });
    view.close();

    const last = written.join('');
    expect(last).toMatch(/finished {2}20260131-235959-0a1b/);
    expect(last).toMatch(/100% {2}20 \/ 20/);
    expect(last).toContain('4 workers');
  });

  it('uses colours, unless NO_COLOR is set', async () => {
    const colored = attach({ isTTY: true });
    const plain = attach({ isTTY: true, env: { NO_COLOR: '1' } });

    await colored.start(2);
    await plain.start(2);

    expect(colored.text()).toMatch(COLOR);
    expect(plain.text()).not.toMatch(COLOR);
  });

  it('draws nothing any more once it is closed', async () => {
    const { view, start, train, written } = attach({ isTTY: true });
    await start(10);
    view.close();
    const before = written.length;

    await train(0, 10, 1000);
    view.note('late');

    expect(written.length).toBe(before);
  });
});
