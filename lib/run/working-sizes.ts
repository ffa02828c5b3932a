/** Images that a worker draws at once: bounds memory, whatever the count. */
export const DRAWN_AT_ONCE = 64;

/** The most real images that generated ones are compared with, evenly spread over the dataset. */
export const MAX_REALS = 10_000;
