import type { RunConfig } from '../lib/run/record/config.ts';
import { sha256 } from '../lib/wire/checksum.ts';
import { runConfig } from '../support/fixtures.ts';
import { REAL_IMAGES } from './duel-program.ts';
import type { Scenario } from './scenario.ts';

const { name, images, examples } = REAL_IMAGES;
const FIXED = {
  batch: 7,
  sampleCount: 2,
  scoreCount: 10,
  dataset: { name, sha256: sha256(images), examples },
};
/** Examples: about as many as an iteration has. */
const HALF_LIFE = 10;
const configs = new Map<string, RunConfig>();

/** The config of a scenario's run. One with scores also has an average and standing statistics. */
export function duelConfig(scenario: Scenario): RunConfig {
  const { iterations, shards, localIterations, checkpointEvery, sampleEvery, scoreEvery } =
    scenario;
  const standing = scoreEvery > 0;
  const change = {
    ...{ iterations, shards, localIterations, checkpointEvery, sampleEvery, scoreEvery },
    program: { name: 'duel', settings: { standing } },
    emaHalfLife: standing ? HALF_LIFE : 0,
  };
  const key = JSON.stringify(change);
  const config = configs.get(key) ?? runConfig({ ...FIXED, ...change });
  configs.set(key, config);
  return config;
}
