/** What the metrics that every GAN here has are called, in the order in which they are shown. */
export const METRIC_TITLES: Readonly<Record<string, string>> = {
  gCost: 'G cost',
  dCost: 'D cost',
  maxPixel: 'largest pixel',
  dFake: 'D on fakes',
  dReal: 'D on reals',
};

/** An iteration's metrics with their titles: the known ones first, then a program's own. */
export function titledMetrics(
  metrics: Readonly<Record<string, number>>,
): { readonly name: string; readonly title: string; readonly value: number }[] {
  const known = Object.keys(METRIC_TITLES);
  const names = [...known, ...Object.keys(metrics).filter((name) => !known.includes(name))];
  return names.flatMap((name) => {
    const value = metrics[name];
    return value === undefined ? [] : [{ name, title: METRIC_TITLES[name] ?? name, value }];
  });
}
