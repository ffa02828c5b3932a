import { formatCount } from '../observe/format.ts';
import type { RunConfig } from '../run/record/config.ts';

/** A new run in a sentence. @param workers where their number is known */
export function describeRun(config: RunConfig, workers?: number): string {
  const { runId, preset, program, dataset, batch, shards, backend, iterations, initial } = config;
  const fleet = workers === undefined ? '' : `${formatCount(workers, 'worker')}, `;
  const beginning = initial
    ? `, beginning with ${Object.keys(initial.networks).join(' and ')} of ${initial.source}`
    : '';
  return (
    `Run ${runId}: ${program.sha256 === undefined ? 'preset' : 'program'} ${preset}, ${iterations} iterations on ${dataset.name} ` +
    `(${dataset.examples} images), batch ${batch} in ${shards} shards, ${fleet}${backend} backend${beginning}`
  );
}
