import { join, relative } from 'node:path';
import { chooseBackend } from '../backend/choose.ts';
import { UsageError } from '../errors.ts';
import { resolveGradients } from '../run/record/settings.ts';
import { DiskStore } from '../store/disk.ts';
import type { CliContext } from './context.ts';
import { resumeHere, trainHere } from './local-runs.ts';
import type { SessionRequest, Target, TargetChoice } from './target.ts';
import type { CliSettings, StartSettings } from './train-settings.ts';

/** The default store's folder, in the folder that a command is run in. */
export const DEFAULT_STORE = '.lambduel';

/** This machine, with its runs in a folder. */
export function localTarget(folder = DEFAULT_STORE): TargetChoice {
  return {
    check: ({ maxCost, fleet, gradients, backend = 'auto' }, detach) => {
      resolveGradients(gradients, chooseBackend(backend));
      if (fleet !== undefined) {
        throw new UsageError('--fleet is for --target aws: here workers are processes', {
          hint: 'Leave --fleet out; --workers says how many processes there are.',
        });
      }
      if (maxCost !== undefined) {
        throw new UsageError('--max-cost is for --target aws: here a run costs nothing', {
          hint: 'Leave --max-cost out; --max-minutes bounds the time.',
        });
      }
      if (!detach) return;
      throw new UsageError('--detach is for --target aws: here the run ends with its command', {
        hint: 'Leave --detach out, or add --target aws.',
      });
    },
    open: async () => {
      const options = folder === DEFAULT_STORE ? '' : ` --store ${quoted(folder)}`;
      return new LocalTarget(await DiskStore.open(folder), options);
    },
  };
}

/** As a shell takes it for one word. */
function quoted(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

class LocalTarget implements Target {
  readonly store: DiskStore;
  readonly options: string;
  readonly ownPrograms = true;
  readonly logs = undefined;
  readonly deadLetters = undefined;
  readonly explanations = {
    waiting: ': no coordinator has taken it up yet',
    interrupted: ': its coordinator is gone; continue it with `lambduel resume`',
    stopped: ': continue it with `lambduel resume`',
    failed: ': see the error below; `lambduel resume` tries again from the checkpoint',
  };

  constructor(store: DiskStore, options: string) {
    this.store = store;
    this.options = options;
  }

  get name(): string {
    return this.store.root;
  }

  /** A file's path, relative to the current folder if that is shorter. */
  locate(key: string): string {
    const path = join(this.store.root, key);
    const fromHere = relative(process.cwd(), path);
    return fromHere.length < path.length ? fromHere : path;
  }

  pageFile(): undefined {}

  train(context: CliContext, settings: StartSettings, request: SessionRequest): Promise<void> {
    return trainHere(context, this, settings, request);
  }

  resume(context: CliContext, settings: CliSettings, request: SessionRequest): Promise<void> {
    return resumeHere(context, this, settings, request);
  }
}
