/**
 * The titles of scores, in the order in which they are shown. Distances are better when lower; classes,
 * confidence and accuracy when higher.
 */
export const scoreTitles: Readonly<Record<string, string>> = {
  frechet: 'Frechet distance',
  kid: 'kernel distance (KID)',
  slicedWasserstein: 'sliced Wasserstein distance',
  coverage: 'classes with at least 2% of images',
  confidence: "classifier's confidence",
  nearestReal: 'distance to the nearest real image',
  nearestRealOfReals: 'the same of real images',
  classifierAccuracy: "classifier's held-out accuracy",
};
