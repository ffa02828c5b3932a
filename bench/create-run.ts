import { ensureDigits } from '../lib/data/digits.ts';
import { systemClock } from '../lib/run/clock.ts';
import { type BackendName, newRunId, type RunConfig } from '../lib/run/record/config.ts';
import { createRun } from '../lib/run/record/runs.ts';
import { resolveConfig, trainSettingsSchema } from '../lib/run/record/settings.ts';
import type { Store } from '../lib/store/store.ts';

/**
 * A new run on the built-in digits, without sample grids.
 *
 * @param settings those of `train`, in camel case. Checkpoints only where they ask for them
 */
export async function createDigitsRun(
  store: Store,
  settings: Readonly<Record<string, unknown>>,
  backend: BackendName = 'native',
): Promise<RunConfig> {
  const { sha256, examples } = await ensureDigits(store);
  const config = resolveConfig(
    trainSettingsSchema.parse({ sampleEvery: 0, checkpointEvery: 0, ...settings }),
    {
      runId: newRunId(new Date()),
      createdAt: new Date(),
      dataset: { name: 'digits', sha256, examples },
      backend,
      defaultWire: 'f32',
    },
  );
  await createRun(store, config, systemClock);
  return config;
}
