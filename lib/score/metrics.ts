/** What scores are called, in the order in which they are shown. Lower is better unless they say otherwise. */
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
