/** Fuzzes targets one after the other, and tells the parent process of each. */
import { InputRecord } from './record.ts';
import type { Report } from './report.ts';
import { runTarget } from './run-target.ts';
import { targets } from './targets.ts';

/** What a child is to do: the one argument that it gets, as JSON. */
export interface Order {
  readonly targets: readonly string[];
  readonly runs: number;
  readonly seed: number;
  /** Where the input is kept that is being parsed. */
  readonly record: string;
}

/** What a child tells. */
export type News =
  | { readonly kind: 'progress'; readonly target: string; readonly inputs: number }
  | { readonly kind: 'report'; readonly report: Report };

const order = JSON.parse(process.argv[2] ?? '') as Order;
const record = new InputRecord(order.record);
for (const name of order.targets) {
  const target = targets.find((candidate) => candidate.name === name);
  if (!target) throw new Error(`There is no target ${name}`);
  await tell({ kind: 'progress', target: name, inputs: 0 });
  const report = await runTarget(target, order, record, (inputs) => {
    void tell({ kind: 'progress', target: name, inputs });
  });
  await tell({ kind: 'report', report });
}
record.close();
process.disconnect?.();

/** Wait until it is sent: the process may be gone with the next input. */
function tell(news: News): Promise<void> {
  return new Promise((resolve) => process.send?.(news, () => resolve()));
}
