import { expect, it } from 'vitest';
import type { CloudServices } from '../../lib/cloud/services.ts';
import { startTriggeredRun } from '../../lib/cloud/start-run.ts';
import { parseTrigger, type TrainTrigger } from '../../lib/cloud/trigger.ts';
import { UsageError } from '../../lib/errors.ts';

it('a trigger that wants compiled gradients of a stack on wasm is refused before the store is touched', async () => {
  const env = { LAMBDUEL_WORKER_BACKEND: 'wasm', LAMBDUEL_WORKER_THREADS: 1 };
  const services = { env } as unknown as CloudServices; // no store: touching it would fail otherwise
  const trigger = parseTrigger({ action: 'train', gradients: 'compiled' }) as TrainTrigger;
  const started = startTriggeredRun(services, trigger);
  await expect(started).rejects.toThrow(UsageError);
  await expect(started).rejects.toThrow('gradients compiled needs the native backend');
});

it.each([
  [{ preset: 'dcgan', batch: 96 }, 'A batch of 96 in 2 shards does not fit the program'],
  [{ preset: 'dcgan', shards: 3 }, 'A batch of 128 in 3 shards does not fit the program'],
  [{ conditional: true }, 'program mlp-gan has no setting conditional'],
])('a trigger with %j is refused before the store is touched', async (settings, reason) => {
  const env = { LAMBDUEL_WORKER_BACKEND: 'native', LAMBDUEL_WORKER_THREADS: 1 };
  const services = { env } as unknown as CloudServices; // no store: touching it would fail otherwise
  const trigger = parseTrigger({ action: 'train', ...settings }) as TrainTrigger;
  const started = startTriggeredRun(services, trigger);
  await expect(started).rejects.toThrow(UsageError);
  await expect(started).rejects.toThrow(reason);
});
