/** The programs that are measured, each with its preset. */
export const presetOf = { 'mlp-gan': 'digits', dcgan: 'dcgan' } as const;

/** The name of a program that is measured. */
export type ProgramName = keyof typeof presetOf;

/** The names of all of them. */
export const programNames = Object.keys(presetOf) as [ProgramName, ...ProgramName[]];
