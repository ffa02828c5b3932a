import { expect, it } from 'vitest';
import type { CloudServices } from '../../lib/cloud/services.ts';
import { startRun } from '../../lib/cloud/start-run.ts';
import { parseTrigger, type TrainTrigger } from '../../lib/cloud/trigger.ts';
import { UsageError } from '../../lib/errors.ts';

/** A stack whose store and queues must not be touched. */
const services = {
  env: { LAMBDUEL_WORKER_BACKEND: 'native', LAMBDUEL_WORKER_THREADS: 1 },
} as unknown as CloudServices;

it.each([
  [{ preset: 'dcgan', batch: 96 }, 'A batch of 96 in 2 shards does not fit the program'],
  [{ preset: 'dcgan', shards: 3 }, 'A batch of 128 in 3 shards does not fit the program'],
  [{ conditional: true }, 'program mlp-gan has no setting conditional'],
])('a trigger with %j is refused before anything is read or written', async (settings, reason) => {
  const trigger = parseTrigger({ action: 'train', ...settings }) as TrainTrigger;

  const starting = startRun(services, trigger);

  await expect(starting).rejects.toBeInstanceOf(UsageError);
  await expect(starting).rejects.toThrow(reason);
});
