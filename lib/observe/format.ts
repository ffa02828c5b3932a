const integers = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** `12,345`. */
export function formatInteger(value: number): string {
  return integers.format(value);
}

/** A loss, a probability or a pixel, with up to four decimals. */
export function formatMetric(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  const plain = size === 0 || (size >= 0.00005 && size < 100_000);
  return plain ? value.toFixed(4) : value.toExponential(2);
}

/** `0:43`, `12:05`, `3:20:00`, `2d 04:00`. */
export function formatDuration(ms: number): string {
  const total = Math.max(0, Math.round(ms / 1000));
  const [days, hours, minutes, seconds] = [
    Math.floor(total / 86_400),
    Math.floor(total / 3600) % 24,
    Math.floor(total / 60) % 60,
    total % 60,
  ];
  const two = (value: number) => String(value).padStart(2, '0');
  if (days > 0) return `${days}d ${two(hours)}:${two(minutes)}`;
  if (hours > 0) return `${hours}:${two(minutes)}:${two(seconds)}`;
  return `${minutes}:${two(seconds)}`;
}

/** `1 worker`, `2 workers`. */
export function formatCount(count: number, noun: string): string {
  return `${formatInteger(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** Milliseconds to the microsecond, as they are stored. */
export function roundMs(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

/** Milliseconds with as many digits as mean something. */
export function formatMs(ms: number): string {
  if (ms >= 100) return formatInteger(ms);
  return ms.toFixed(ms >= 10 ? 1 : 2);
}

/** `12%`. */
export function formatPercent(share: number): string {
  return `${Math.round(100 * share)}%`;
}
