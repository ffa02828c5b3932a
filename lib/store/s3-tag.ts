/** The tag of objects that can be made again. A lifecycle rule removes those that a crash left. */
export const TRANSIENT_TAG = { lifetime: 'transient' } as const;
