/** The longest that SQS hides a message: twelve hours. */
const MAX_SECONDS = 43_200;

/** Milliseconds in the unit of SQS, rounded up. */
export function seconds(ms: number): number {
  return Math.min(MAX_SECONDS, Math.ceil(ms / 1000));
}
