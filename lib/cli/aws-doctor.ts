import { setTimeout as sleep } from 'node:timers/promises';
import { StackReader } from '../aws/stacks.ts';
import { LambduelError, messageOf } from '../errors.ts';
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
  const find = async (what: string, found: () => Promise<string>): Promise<void> => {
    try {
      findings.push({ what, ok: true, found: await found() });
    } catch (error) {
      findings.push({ what, ok: false, found: messageOf(error), remedy: remedyOf(error) });
    }
  };
  await find('AWS region', () => reader.region());
  await find('AWS credentials', async () => `access key ${(await reader.identity()).keyId}`);
  if (findings.every(({ ok }) => ok)) await find('Lambduel stack', () => stackNames(reader));
}

async function stackNames(reader: StackReader): Promise<string> {
  const names = (await lambduelStacks(reader)).map(({ name }) => name);
  if (names.length > 0) return names.join(', ');
  throw new LambduelError('none in this region', { hint: 'Deploy one with `npx cdk deploy`.' });
}

function remedyOf(error: unknown): string {
  const hint = error instanceof LambduelError ? error.hint : undefined;
  return hint === undefined ? ONLY : `${ONLY} ${hint}`;
}
