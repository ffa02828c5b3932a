import { LambduelError } from '../errors.ts';
import { type ExampleShape, shapeText } from '../program/example-shape.ts';
import type { Store } from '../store/store.ts';
import type { DatasetReference } from '../wire/messages.ts';
import { readDatasetMeta } from './dataset-meta.ts';
import { findDataset } from './list.ts';

/**
 * The dataset that a person names, with images of the form that the program needs.
 *
 * @throws LambduelError when there is none, or its images have another form
 */
export async function resolveDataset(
  store: Store,
  name: string,
  needed: ExampleShape,
): Promise<DatasetReference> {
  const reference = await findDataset(store, name);
  const { shape } = await readDatasetMeta(store, reference.name, reference.sha256);
  if (shape.join() === needed.join()) return reference;
  throw new LambduelError(
    `Dataset ${name} has images of ${shapeText(shape)} pixels, but the program needs ${shapeText(needed)}`,
    { hint: 'Scale the images before you import them, or choose another dataset.' },
  );
}
