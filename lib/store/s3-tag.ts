/** The tag of objects that can be made again: a lifecycle rule removes what a crash left of them. */
export const TRANSIENT_TAG = { lifetime: 'transient' } as const;
