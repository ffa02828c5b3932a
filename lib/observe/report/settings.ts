import type { RunConfig } from '../../run/record/config.ts';

/** What the page's heading says already. */
const ELSEWHERE = new Set(['format', 'runId', 'createdAt']);

/** A run's settings as names and values, whatever a config holds. */
export function settingRows(
  config: RunConfig,
): { readonly name: string; readonly value: string }[] {
  return flatten(config).filter(({ name }) => !ELSEWHERE.has(name));
}

function flatten(settings: object, prefix = ''): { name: string; value: string }[] {
  return Object.entries(settings).flatMap(([key, value]) => {
    const name = prefix + key;
    if (Array.isArray(value)) return [{ name, value: value.join(', ') || 'none' }];
    return typeof value === 'object' && value !== null
      ? flatten(value, `${name}.`)
      : [{ name, value: String(value) }];
  });
}
