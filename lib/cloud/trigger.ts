import { z } from 'zod';
import { fleetShape, trainSettingsSchema } from '../run/record/settings.ts';
import { runIdSchema } from '../wire/run-id.ts';
import { parseEvent } from './parse-event.ts';

/** Start a run: `{"action": "train", "preset": "digits", "iterations": 500}`. */
const trainTriggerSchema = trainSettingsSchema.extend({
  action: z.literal('train'),
  ...fleetShape,
  /** Default: the time and four random digits. */
  runId: runIdSchema.optional(),
});

/** Continue a run, with other limits and another fleet if they are given. */
const resumeTriggerSchema = z.strictObject({
  action: z.literal('resume'),
  runId: runIdSchema,
  maxMinutes: trainSettingsSchema.shape.maxMinutes,
  maxCost: trainSettingsSchema.shape.maxCost,
  ...fleetShape,
});

/**
 * What the coordinator function is invoked with, by the command line or by anyone who may invoke
 * it. `train` and `resume` answer at once, and the run is advanced by an invocation of its own.
 * `advance` is that invocation.
 */
export const triggerSchema = z.discriminatedUnion(
  'action',
  [
    trainTriggerSchema,
    resumeTriggerSchema,
    z.strictObject({ action: z.literal('advance'), runId: runIdSchema }),
  ],
  { error: 'must be one of train, resume, advance' },
);

/** See {@link triggerSchema}. */
export type Trigger = z.infer<typeof triggerSchema>;
export type TrainTrigger = z.infer<typeof trainTriggerSchema>;
export type ResumeTrigger = z.infer<typeof resumeTriggerSchema>;

/** What the coordinator function answers to `train` and `resume`. */
export const triggerAnswerSchema = z.object({
  runId: runIdSchema,
  /** Where the run's objects are. */
  bucket: z.string(),
  prefix: z.string(),
});

/** See {@link triggerAnswerSchema}. */
export type TriggerAnswer = z.infer<typeof triggerAnswerSchema>;

/** @throws UsageError that says what is wrong with which key */
export function parseTrigger(event: unknown): Trigger {
  return parseEvent(triggerSchema, event, {
    beginning: 'The trigger is not valid: ',
    hint: 'A trigger is a JSON object as {"action": "train", "preset": "digits", "iterations": 500}.',
  });
}
