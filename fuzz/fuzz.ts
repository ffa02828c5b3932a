import { type ChildProcess, fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { News, Order } from './child.ts';
import { lastKept } from './record.ts';
import type { Finding, Report } from './report.ts';

/** The old generation of a child, in megabytes: what parsers keep must fit in it. */
const HEAP_MB = 256;
/** A child that says nothing for so long hangs: it tells of every thousand inputs. */
const SILENCE_MS = 120_000;
const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url));
const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** What to fuzz, and how. */
export type FuzzOrder = Omit<Order, 'record'>;

/** What is told on the way. */
export type OnProgress = (target: string, inputs: number) => void;

/**
 * Fuzz targets in a process with little memory, and watch over it: an input that ends the process or
 * hangs it is a finding as well. Then another process goes on with the next target.
 */
export async function fuzz(order: FuzzOrder, onProgress: OnProgress): Promise<Report[]> {
  const folder = await mkdtemp(join(tmpdir(), 'lambduel-fuzz-'));
  const record = join(folder, 'input');
  try {
    const reports: Report[] = [];
    for (let rest = order.targets; rest.length > 0; rest = order.targets.slice(reports.length)) {
      const end = await watch({ ...order, targets: rest, record }, reports, onProgress);
      const lost = order.targets[reports.length];
      if (lost === undefined) break;
      if (end.target === lost) {
        reports.push(
          lostReport(lost, end.inputs, { why: end.why, seed: order.seed, input: lastKept(record) }),
        );
      } else {
        throw new Error(`The fuzzing process could not begin with ${lost}: ${end.why}`);
      }
    }
    return reports;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface End {
  readonly why: string;
  readonly target: string | undefined;
  readonly inputs: number;
}

/** Wait for a child's end. */
function watch(order: Order, reports: Report[], onProgress: OnProgress): Promise<End> {
  const flags = [`--max-old-space-size=${HEAP_MB}`, '--expose-gc', '--import', TSX];
  const child = fork(CHILD, [JSON.stringify(order)], {
    execArgv: flags,
    env: { ...process.env, TMPDIR: join(order.record, '..') },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const said = tailOf(child);
  let target: string | undefined;
  let inputs = 0;
  let hung = false;
  const hang = () => {
    hung = true;
    child.kill('SIGKILL');
  };
  return new Promise((resolve) => {
    let timer = setTimeout(hang, SILENCE_MS);
    child.on('message', (news: News) => {
      clearTimeout(timer);
      timer = setTimeout(hang, SILENCE_MS);
      if (news.kind === 'report') {
        reports.push(news.report);
      } else {
        ({ target, inputs } = news);
        onProgress(target, inputs);
      }
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const how = hung ? `said nothing for ${SILENCE_MS} ms` : `ended (${signal ?? code})`;
      resolve({ why: `the process ${how}: ${said()}`, target, inputs });
    });
  });
}

/** @returns gives the last of what a process has said on its standard error */
function tailOf(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    text = (text + chunk.toString()).slice(-2000);
  });
  return () => text.trim();
}

function lostReport(target: string, inputs: number, finding: Finding): Report {
  const nothing = { accepted: 0, rejected: 0, extremes: 0, slowestMs: 0, peakMb: 0, extremeMb: 0 };
  return { target, inputs, ...nothing, finding };
}
