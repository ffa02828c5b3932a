import type { RunConfig } from '../lib/run/record/config.ts';
import { runConfig } from '../support/fixtures.ts';
import type { Scenario } from './scenario.ts';

const FIXED = { program: { name: 'duel', settings: {} }, batch: 7, sampleCount: 2 };
const configs = new Map<string, RunConfig>();

/** The config of a scenario's run. */
export function duelConfig(scenario: Scenario): RunConfig {
  const { iterations, shards, localIterations, checkpointEvery, sampleEvery } = scenario;
  const change = { iterations, shards, localIterations, checkpointEvery, sampleEvery };
  const name = JSON.stringify(change);
  const config = configs.get(name) ?? runConfig({ ...FIXED, ...change });
  configs.set(name, config);
  return config;
}
