import { setTimeout as sleep } from 'node:timers/promises';
import { type Stack, StackReader } from '../aws/stacks.ts';
import { stackOutputsSchema } from '../cloud/outputs.ts';
import { LambduelError, messageOf } from '../errors.ts';
import { formatInteger } from '../observe/format.ts';
import { lambduelStacks } from './aws-stack.ts';
import type { Finding } from './finding.ts';

const LIMIT_MS = 3000;
/** One request, without another attempt, so that all ends in time. */
const HASTY = {
  maxAttempts: 1,
  requestHandler: { connectionTimeout: LIMIT_MS / 2, socketTimeout: LIMIT_MS / 2 },
};
const ONLY = 'Only needed for --target aws.';

/** What the environment says about AWS, and which stacks exist. Never fails. */
export async function awsFindings(): Promise<Finding[]> {
  const findings: Finding[] = [];
  const timer = new AbortController();
  const limit = sleep(LIMIT_MS, 'late', { ref: false, signal: timer.signal }).catch(() => 'done');
  const outcome = await Promise.race([limit, look(findings)]);
  timer.abort();
  if (outcome === 'late') {
    findings.push({ what: 'AWS', ok: false, found: 'gives no answer', remedy: ONLY });
  }
  return findings;
}

/** Add what is found; there is no looking for stacks without a region and credentials. */
async function look(findings: Finding[]): Promise<void> {
  const reader = new StackReader(HASTY);
  const find = async (what: string, ask: () => Promise<string | string[]>): Promise<void> => {
    try {
      for (const found of [await ask()].flat()) findings.push({ what, ok: true, found });
    } catch (error) {
      findings.push({ what, ok: false, found: messageOf(error), remedy: remedyOf(error) });
    }
  };
  await find('AWS region', () => reader.region());
  await find('AWS credentials', async () => `access key ${(await reader.identity()).keyId}`);
  if (findings.every(({ ok }) => ok)) await find('Lambduel stack', () => stackLines(reader));
}

async function stackLines(reader: StackReader): Promise<string[]> {
  const stacks = await lambduelStacks(reader);
  if (stacks.length > 0) return stacks.map((stack) => `${stack.name}: ${workersOf(stack)}`);
  throw new LambduelError('none in this region', { hint: 'Deploy one with `npx cdk deploy`.' });
}

/** What a stack's workers are, as far as its outputs say. */
function workersOf({ outputs }: Stack): string {
  const { data } = stackOutputsSchema.safeParse(outputs);
  if (data === undefined) return 'of another version; deploy it again with `npx cdk deploy`';
  const { WorkerMemory: memory, WorkerTimeout: seconds, WorkerPackaging: packaging } = data;
  const { ResidentWorkerFunctionName: resident = 'none' } = data;
  return [
    `${data.WorkerBackend} workers`,
    ...(packaging ? [packaging] : []),
    ...(memory ? [`${formatInteger(Number(memory))} MB`] : []),
    ...(seconds ? [`${seconds} s for a job`] : []),
    `resident workers: ${resident}`,
  ].join(', ');
}

function remedyOf(error: unknown): string {
  const hint = error instanceof LambduelError ? error.hint : undefined;
  return hint === undefined ? ONLY : `${ONLY} ${hint}`;
}
