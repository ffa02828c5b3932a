import { builtInPrograms } from '../../lib/program/built-in.ts';
import type { Program } from '../../lib/program/program.ts';
import type { ProgramReference } from '../../lib/program/program-reference.ts';
import { Lease } from '../../lib/run/coordinator/lease.ts';
import { programsIn } from '../../lib/run/programs/program-library.ts';
import { writeCheckpoint } from '../../lib/run/record/checkpoint.ts';
import type { RunConfig } from '../../lib/run/record/config.ts';
import { createRun } from '../../lib/run/record/runs.ts';
import { initialState, stateContents } from '../../lib/run/record/training-state.ts';
import type { DiskStore } from '../../lib/store/disk.ts';
import { FakeClock, runConfig } from '../../support/fixtures.ts';
import { runId } from '../../support/stored-run.ts';

/** Weights as large as training makes them, so that images are not all grey. */
const GAIN = 20;

/** A small dcgan, made to fit a dataset. */
export function smallDcgan(settings: object = {}, channels: 1 | 3 = 1, size = 28) {
  const dataset = { name: 'any', shape: [size, size, channels] as const, classes: 10 };
  const asked = { size, channels, features: 4, latent: 64, conditional: false, ...settings };
  return builtInPrograms().adapt({ name: 'dcgan', settings: asked }, dataset);
}

/** Put a finished run into a store, as if it had been trained: its weights are the seed's, enlarged. */
export async function storeFinishedRun(
  store: DiskStore,
  program: ProgramReference,
  change: Partial<RunConfig> = {},
): Promise<{ id: string; program: Program }> {
  const clock = new FakeClock();
  const config = runConfig({ runId: runId(), program, seed: 3, ...change });
  await createRun(store, config, clock);
  const loaded = await programsIn(store).load(program);
  const state = initialState(loaded, config.seed);
  for (const { adam } of state.values()) {
    adam.parameters.set(adam.parameters.map((value) => GAIN * value));
  }
  const lease = await Lease.take(store, config.runId, { owner: 'a', durationMs: 60_000, clock });
  const checkpoint = { iteration: 3, epoch: lease.epoch };
  await writeCheckpoint(store, config.runId, checkpoint, stateContents(state));
  await lease.release({ status: 'finished', iteration: 3, checkpoint });
  return { id: config.runId, program: loaded };
}
