import { loadBackend } from '../backend/load.ts';
import { checkClasses, checkExampleShape } from '../data/resolve.ts';
import { LambduelError, messageOf, UsageError } from '../errors.ts';
import { networkLayout } from '../program/network.ts';
import { presets } from '../program/presets.ts';
import { programsWith } from '../run/programs/program-library.ts';
import { tryProgram } from '../run/programs/try-program.ts';
import { checkShards } from '../run/record/shard-groups.ts';
import {
  type CheckMessage,
  type CheckReport,
  type CheckRequest,
  checkRequestSchema,
} from './program-check.ts';

/** Resolves when the message is on its way: what comes next may never give way. */
function tell(message: CheckMessage): Promise<void> {
  return new Promise((resolve) => process.send?.(message, () => resolve()));
}

function stage(name: string | null): Promise<void> {
  return tell({ tell: 'stage', stage: name });
}

async function check(request: CheckRequest): Promise<CheckReport> {
  const { sha256, settings, dataset, seed, gradients } = request;
  const programs = programsWith(request);
  await stage('the file itself');
  const file = await programs.file(sha256);
  await stage('create');
  const form = dataset && { ...dataset, classes: dataset.classes };
  const reference = await programs.adapt({ name: file.name, settings, sha256 }, form);
  const program = await programs.load(reference);
  if (form) {
    checkExampleShape(form, program.exampleShape);
    checkClasses(form, program.wantsLabels);
  }
  const { batch = file.training.batch ?? presets.digits.batch } = request;
  const { shards = file.training.shards ?? presets.digits.shards } = request;
  checkShards(program, { batch, shards });
  await stage(null);
  const backend = await loadBackend(request.backend, request.threads);
  const tried = await tryProgram(backend, program, { batch, shards, seed, gradients }, stage);
  return {
    name: file.name,
    settings: file.adapt(reference.settings, undefined),
    ...{ batch, shards },
    networks: program.networks.map((network) => ({
      name: network.name,
      parameters: networkLayout(network).size,
    })),
    phases: [...tried.phases],
    memoryMb: Math.round(process.resourceUsage().maxRSS / 1024),
    problems: [...tried.problems],
  };
}

process.once('message', async (raw) => {
  try {
    await tell({ tell: 'report', report: await check(checkRequestSchema.parse(raw)) });
  } catch (error) {
    const hint = error instanceof LambduelError ? error.hint : undefined;
    const message = messageOf(error);
    const usage = error instanceof UsageError;
    await tell({ tell: 'failed', message, usage, ...(hint === undefined ? {} : { hint }) });
  }
});
await tell({ tell: 'ready' });
