import { InvalidDataError } from '../errors.ts';

/** A label is a byte. */
export const MAX_CLASSES = 256;

/** The class of each example of a dataset. */
export interface Labels {
  /** One class per example, by its number in `classes`. */
  readonly values: Uint8Array;
  /** The names of the classes. */
  readonly classes: readonly string[];
}

/** Labels whose classes have no names but their numbers. @param values at least one */
export function numberedLabels(values: Uint8Array): Labels {
  const highest = values.reduce((most, value) => Math.max(most, value), 0);
  return { values, classes: Array.from({ length: highest + 1 }, (_, i) => String(i)) };
}

/**
 * Labels by folder: a picture's class is the folder of the first level that it is in, at any depth.
 * Classes are numbered in the order of their names' code units.
 *
 * @param names paths from the folder on
 * @throws InvalidDataError when a picture is in no subfolder, or there are more classes than labels
 */
export function folderLabels(folder: string, names: readonly string[]): Labels {
  const classOf = (name: string) => name.slice(0, Math.max(0, name.indexOf('/')));
  const loose = names.find((name) => classOf(name) === '');
  if (loose !== undefined) {
    throw new InvalidDataError(`${loose}: it is in no subfolder, so it has no label`, {
      hint: 'With --labels folders each class is a folder: move it there, or take it out.',
    });
  }
  const classes = [...new Set(names.map(classOf))].sort();
  if (classes.length > MAX_CLASSES) {
    throw new InvalidDataError(
      `The folder ${folder} has ${classes.length} subfolders with pictures`,
      { hint: `Labels tell at most ${MAX_CLASSES} classes apart: import without --labels.` },
    );
  }
  const numbers = new Map(classes.map((name, number) => [name, number]));
  return {
    values: Uint8Array.from(names, (name) => numbers.get(classOf(name)) as number),
    classes,
  };
}
