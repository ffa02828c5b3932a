import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/**
 * Run one of the benches' loops in a process of its own.
 *
 * @returns the lines that it printed
 */
export async function runLoop(
  script: string,
  args: readonly (string | number)[],
): Promise<string[]> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', path, ...args.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${script} ended with exit code ${code}`);
  return output.trim().split('\n');
}

/** The middle value. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** One result: a JSON line. */
export function print(result: Readonly<Record<string, unknown>>): void {
  console.log(JSON.stringify(result));
}

/** A number with three digits after the point. */
export function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
