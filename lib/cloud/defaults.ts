/** What a run on AWS has where its settings do not say otherwise. */
export const CLOUD_DEFAULTS = {
  /** Half floats: a gradient of `mlp-gan` then fits in a message. */
  defaultWire: 'f16',
  /** Functions have one thread each: a preset of one job and two threads is of no use there. */
  defaultShards: 2,
} as const;
