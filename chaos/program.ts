import { bundleProgram } from '../lib/bundle/bundle-program.ts';
import { programsWith } from '../lib/run/programs/program-library.ts';
import { storeBundle } from '../lib/run/programs/store-bundle.ts';
import type { TrainSettings } from '../lib/run/record/settings.ts';
import type { Store } from '../lib/store/store.ts';

/** Store a program file, as `lambduel train --program` does. @returns the settings that name it */
export async function storeProgram(
  store: Store,
  file: string,
): Promise<Required<Pick<TrainSettings, 'program'>>> {
  const bundle = await bundleProgram(file);
  await storeBundle(store, bundle);
  const { sha256 } = bundle;
  const { name } = await programsWith(bundle).file(sha256);
  return { program: { name, sha256 } };
}
