import type { Command } from 'commander';
import { Option } from 'commander';
import { UsageError } from '../errors.ts';
import { DEFAULT_STORE, localTarget } from './local-target.ts';
import type { Target, TargetChoice } from './target.ts';
import type { CliSettings } from './train-settings.ts';

/** Options that every command has: where its runs are. */
export interface TargetOptions {
  readonly target: 'local' | 'aws';
  readonly store?: string;
  readonly stack?: string;
}

/** Give a command the options that say where its runs are. */
export function addTargetOptions(command: Command): void {
  const target = new Option('--target <where>', 'where the runs are: this machine or AWS');
  command.addOption(target.choices(['local', 'aws']).default('local'));
  command.option('--stack <name>', 'the stack on AWS, where there are several');
  command.option('--store <dir>', `the store's folder on this machine (default: ${DEFAULT_STORE})`);
}

/** The target that options name. @throws UsageError when the options exclude each other */
export function chooseTarget({ target, store, stack }: TargetOptions): TargetChoice {
  if (target === 'aws') {
    if (store === undefined) return awsTarget(stack);
    throw new UsageError(
      "--store and --target aws exclude each other: there the stack's bucket is the store",
      {
        hint: 'Leave one of the two out; --stack chooses among several stacks.',
      },
    );
  }
  if (stack === undefined) return localTarget(store);
  throw new UsageError('--stack is of no use without --target aws', {
    hint: 'Add --target aws, or leave --stack out.',
  });
}

/** The target that options name, ready for use. */
export function openTarget(options: TargetOptions): Promise<Target> {
  return chooseTarget(options).open();
}

function awsTarget(stack: string | undefined): TargetChoice {
  return {
    check: refuseOwnFleet,
    open: async () => {
      // Loaded only here: the AWS SDK takes about 130 ms, and local commands do not need it.
      const { openAwsTarget } = await import('./aws-target.ts');
      return openAwsTarget(stack);
    },
  };
}

/** What a stack decides when it is deployed, for all its runs. */
function refuseOwnFleet({ workers, fleet, backend }: Partial<CliSettings>): void {
  if (workers !== undefined && fleet !== 'resident') {
    throw new UsageError(
      'workers cannot be chosen for a run on AWS: Lambda starts as many as there are jobs',
      {
        hint: 'Bound them for all runs of the stack (`npx cdk deploy -c concurrency=N`), or add --fleet resident.',
      },
    );
  }
  if (backend !== undefined) {
    throw new UsageError(
      'backend cannot be chosen for a run on AWS: its workers are deployed with one',
      {
        hint: 'Choose it for all runs of the stack: `npx cdk deploy -c backend=wasm` or `native`.',
      },
    );
  }
}
