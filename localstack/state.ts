import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processAlive } from '../lib/store/process-alive.mjs';
import { paths } from './paths.ts';

const PREFIX = 'lambduel-localstack-';
/** What AWS has on board for Node.js functions. */
const SCOPES_ON_BOARD = ['@aws-sdk', '@smithy'];

/** Everything that one LocalStack writes, its log excepted. */
export interface StateDirectory {
  readonly path: string;
  readonly temp: string;
  /** What is `/tmp` in AWS. All functions share it, and it goes with LocalStack. */
  readonly functionTemp: string;
  /** A node_modules folder that functions find packages in. */
  readonly nodeModules: string;
}

/**
 * A new directory for the state. It is outside the clone, because functions are unpacked in it and
 * would find all of the clone's packages otherwise, which they lack in AWS.
 */
export function createState(): StateDirectory {
  removeAbandoned();
  const path = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  const state = {
    path,
    temp: join(path, 'tmp'),
    functionTemp: join(path, 'function-tmp'),
    nodeModules: join(path, 'runtime/node_modules'),
  };
  mkdirSync(state.temp);
  mkdirSync(state.functionTemp);
  mkdirSync(state.nodeModules, { recursive: true });
  // A package.json further up would decide whether the .js files of functions are ES modules.
  writeFileSync(join(path, 'package.json'), '{}');
  for (const scope of SCOPES_ON_BOARD) {
    symlinkSync(join(paths.nodeModules, scope), join(state.nodeModules, scope));
  }
  return state;
}

export function removeState({ path }: StateDirectory): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

/** Those of processes that were killed together with their LocalStack. */
function removeAbandoned(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = Number(name.split('-')[2]);
    if (!name.startsWith(PREFIX) || processAlive(pid)) continue;
    try {
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
    } catch {
      // Another user's.
    }
  }
}
