import { LambduelError } from '../errors.ts';
import { type ExampleShape, shapeText } from '../program/example-shape.ts';
import type { DatasetForm } from '../program/program.ts';
import type { Store } from '../store/store.ts';
import type { DatasetReference } from '../wire/messages.ts';
import { readDatasetMeta } from './dataset-meta.ts';
import { findDataset } from './list.ts';

/** A dataset that a run is to be trained on. */
export interface ResolvedDataset {
  readonly reference: DatasetReference;
  readonly form: DatasetForm;
}

/** The dataset that a person names. @throws LambduelError when there is none */
export async function resolveDataset(store: Store, name: string): Promise<ResolvedDataset> {
  const reference = await findDataset(store, name);
  const { shape, labels } = await readDatasetMeta(store, reference.name, reference.sha256);
  return { reference, form: { name, shape, classes: labels?.classes.length } };
}

/** @throws LambduelError unless the dataset's images have the shape that the program needs */
export function checkExampleShape({ name, shape }: DatasetForm, needed: ExampleShape): void {
  if (shape.join() === needed.join()) return;
  throw new LambduelError(
    `Dataset ${name} has images of ${shapeText(shape)} pixels, but the program needs ${shapeText(needed)}`,
    { hint: `${importHint(needed)}, or choose another dataset.` },
  );
}

/** @throws LambduelError unless the dataset has the classes that the program wants labels of */
export function checkClasses(
  { name, classes }: DatasetForm,
  wanted: { readonly classes: number } | undefined,
): void {
  if (!wanted || wanted.classes === classes) return;
  const has = classes === undefined ? 'no labels' : `labels of ${classes} classes`;
  throw new LambduelError(
    `Dataset ${name} has ${has}, but the program needs labels of ${wanted.classes} classes`,
    { hint: "Choose another dataset, or the program's settings for this one." },
  );
}

function importHint([height, width, channels]: ExampleShape): string {
  if (height !== width) return 'Scale the images before you import them';
  const grey = channels === 1 ? ' --grey' : '';
  return `Import pictures under another name with --size ${height}${grey}`;
}
