/**
 * Fuzzes the parsers of untrusted bytes: `npm run fuzz [-- --target NAME --runs N --seed S]`. One JSON
 * line a target on standard output; exit code 1 when one of them does what it promises not to do.
 */
import { messageOf } from '../lib/errors.ts';
import { readArguments, USAGE } from './arguments.ts';
import { fuzz } from './fuzz.ts';

async function main(): Promise<number> {
  let order: ReturnType<typeof readArguments>;
  try {
    order = readArguments(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n${USAGE}\n`);
    return 2;
  }
  const { runs, seed } = order;
  process.stderr.write(`${runs} inputs a parser, seed ${seed}\n`);
  let failed = false;
  for (const name of order.targets) {
    const reports = await fuzz({ ...order, targets: [name] }, (target, inputs) => {
      if (inputs % 10_000 === 0) process.stderr.write(`${target}: ${inputs} of ${runs}\n`);
    });
    for (const report of reports) {
      failed ||= report.finding !== null;
      process.stdout.write(`${JSON.stringify(report)}\n`);
    }
  }
  return failed ? 1 : 0;
}

process.exitCode = await main();
