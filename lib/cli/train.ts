import type { Command } from 'commander';
import { CLOUD_DEFAULTS } from '../cloud/defaults.ts';
import { systemClock } from '../run/clock.ts';
import { checkSettings } from '../run/record/check-settings.ts';
import { newRunId } from '../run/record/config.ts';
import { chooseProgram } from './choose-program.ts';
import type { CliContext } from './context.ts';
import { chooseInitialWeights } from './init-from.ts';
import { chooseTarget, type TargetOptions } from './open-target.ts';
import { requireRunId } from './run-id.ts';
import type { Target } from './target.ts';
import { readSettings, type TrainOptionValues } from './train-settings.ts';

interface TrainOptions extends TargetOptions {
  readonly config?: string;
  readonly json?: boolean;
  readonly detach?: boolean;
  readonly runId?: string;
  readonly debug?: boolean;
  readonly [setting: string]: unknown;
}

/** `lambduel train`: start a run and train it to its end. */
export function addTrain(program: Command, context: CliContext): void {
  program
    .command('train')
    .description('train a GAN on this machine, or on AWS')
    .option('--preset <name>', 'settings to start from: digits, blog or dcgan (default: digits)')
    .option('--iterations <n>', 'iterations to train')
    .option('--batch <n>', 'examples of a step')
    .option('--shards <n>', 'gradient jobs a step')
    .option('--workers <n>', 'workers: processes here, resident ones on AWS (default: see README)')
    .option('--fleet <kind>', 'on AWS: event or resident workers (default: event)')
    .option('--seed <n>', 'seed of everything random')
    .option('--dataset <name>', 'packed dataset to train on (default: digits)')
    .option('--size <n>', 'dcgan: rows and columns of the images, 28, 32 or 64 (default: 28)')
    .option('--features <n>', 'dcgan: channels of the outermost layers (default: 32)')
    .option('--conditional', 'dcgan: learn to draw each class of a dataset with labels')
    .option(
      '--program <file>',
      'a program of your own: a .ts, .js or .mjs file; see docs/programs.md',
    )
    .option('--set <name=value...>', 'a setting of your own program')
    .option(
      '--init-from <source...>',
      "begin with the weights of a run, or of .safetensors files: a generator's, or a checkpoint's",
    )
    .option('--learning-rate <x>', "Adam's learning rate")
    .option(
      '--checkpoint-every <n>',
      'iterations from checkpoint to checkpoint; 0: only at the end',
    )
    .option('--sample-every <n>', 'iterations from sample grid to sample grid; 0: only at the end')
    .option(
      '--score-every <n>',
      'iterations from score to score; see `lambduel score` (default: 0)',
    )
    .option('--score-count <n>', 'images of each score (default: 2000)')
    .option('--backend <name>', 'auto, native or wasm, here (default: auto)')
    .option('--threads <n>', 'threads of a worker; other numbers give other bits (default: 2)')
    .option('--wire <format>', 'how gradients travel: f32, f16 or int8 (default: f32, on AWS f16)')
    .option('--weights-wire <format>', 'how weights travel to workers: f32 or f16 (default: f32)')
    .option(
      '--gradients <mode>',
      'auto, compiled or eager: as one graph, or an operation at a time (default: auto)',
    )
    .option(
      '--local-iterations <k>',
      'whole iterations that each shard trains by itself between two averagings (default: 0)',
    )
    .option(
      '--ema-half-life <examples>',
      "examples after which the average of G's weights has half forgotten (default: 0)",
    )
    .option(
      '--augment <names>',
      'change what D sees at random: color, translation and cutout, with commas between',
    )
    .option('--quorum <q>', 'shards that are enough for a step when others are late; inexact')
    .option('--quorum-after-ms <ms>', 'how long to wait for all shards first (default: 2000)')
    .option('--max-minutes <m>', 'stop at a checkpoint after so many minutes of training')
    .option('--max-cost <usd>', 'on AWS: stop at a checkpoint when it has cost so many US dollars')
    .option('--run-id <id>', "the new run's id, as 20260131-235959-0a1b")
    .option('--config <file>', 'JSON file of the options above, in camel case')
    .option('--json', 'one JSON object an iteration on standard output')
    .option('--detach', 'on AWS: start the run and do not wait for its end')
    .action((options: TrainOptions) => train(context, options));
}

async function train(context: CliContext, options: TrainOptions): Promise<void> {
  const { target, store, stack, debug: _, ...own } = options;
  const { config: file, json = false, detach = false, runId, ...given } = own;
  const choice = chooseTarget({ target, ...(store && { store }), ...(stack && { stack }) });
  const settings = await readSettings(given as TrainOptionValues, file);
  choice.check(settings, detach);
  const id = runId ?? newRunId(systemClock.date());
  requireRunId(id, '.');
  let opened: Promise<Target> | undefined;
  const open = () => {
    opened ??= choice.open();
    return opened;
  };
  // Refuse what can be refused, if possible without the store, before anything is written.
  const { initFrom, ...asked } = settings;
  const chosen = await chooseProgram(context, asked, open);
  const { workers: _workers, backend: _backend, fleet: _fleet, ...runSettings } = chosen.settings;
  await checkSettings(runSettings, chosen.programs, target === 'aws' ? CLOUD_DEFAULTS : {});
  const place = await open();
  const initial = await chooseInitialWeights(context, place.store, id, initFrom, chosen);
  await chosen.store(place);
  const begun = await initial.store();
  await place.train(context, { ...chosen.settings, ...begun }, { runId: id, json, detach });
}
