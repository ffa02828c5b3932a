import { Command } from 'commander';
import { addCancel } from './cancel.ts';
import type { CliContext } from './context.ts';
import { addData } from './data.ts';
import { addDoctor } from './doctor.ts';
import { addExport } from './export.ts';
import { addGenerate } from './generate.ts';
import { addLogs } from './logs.ts';
import { addTargetOptions } from './open-target.ts';
import { addProgram } from './program-check.ts';
import { addRedrive } from './redrive.ts';
import { addReport } from './report.ts';
import { addResume } from './resume.ts';
import { addRuns } from './runs.ts';
import { addSamples } from './samples.ts';
import { addScore } from './score.ts';
import { addStatus } from './status.ts';
import { addTimeline } from './timeline.ts';
import { addTrain } from './train.ts';
import { addWatch } from './watch.ts';

/** The whole command line. Every command takes `--target`, `--stack`, `--store` and `--debug`. */
export function createProgram(context: CliContext): Command {
  const program = new Command('lambduel').description(
    'Train generative adversarial networks data-parallel, on this machine or on AWS Lambda',
  );
  // Subcommands inherit these when they are made, so they are set first.
  program.exitOverride().showHelpAfterError('(--help shows what there is)');
  program.configureOutput({
    writeOut: (text) => context.stdout.write(text),
    writeErr: (text) => context.stderr.write(text),
  });
  addTrain(program, context);
  addResume(program, context);
  addWatch(program, context);
  addRuns(program, context);
  addStatus(program, context);
  addCancel(program, context);
  addSamples(program, context);
  addGenerate(program, context);
  addExport(program, context);
  addScore(program, context);
  addReport(program, context);
  addTimeline(program, context);
  addLogs(program, context);
  addRedrive(program, context);
  addData(program, context);
  addProgram(program, context);
  addDoctor(program, context);
  for (const command of leaves(program)) {
    addTargetOptions(command);
    command.option('--debug', 'show where an error came from');
  }
  return program;
}

function leaves(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
}
