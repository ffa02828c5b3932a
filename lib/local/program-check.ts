import { fork } from 'node:child_process';
import { once } from 'node:events';
import { z } from 'zod';
import { LambduelError, UsageError } from '../errors.ts';
import { backendNameSchema } from '../run/record/config.ts';
import { gradientModeSchema } from '../wire/messages.ts';
import { scriptOf } from './script.ts';

/** As long as the first job of a run may take. */
const STAGE_LIMIT_MS = 60_000;
const STDERR_KEPT = 2000;

const whole = z.number().int().nonnegative();

/** What a check is asked for: the only message to its process. */
export const checkRequestSchema = z.strictObject({
  sha256: z.string(),
  bytes: z.custom<Uint8Array>((value) => value instanceof Uint8Array),
  settings: z.record(z.string(), z.unknown()),
  dataset: z
    .strictObject({
      name: z.string(),
      shape: z.tuple([whole, whole, whole]).readonly(),
      classes: whole.optional(),
    })
    .optional(),
  batch: whole.optional(),
  shards: whole.optional(),
  seed: whole,
  backend: backendNameSchema,
  threads: whole,
  gradients: gradientModeSchema,
});

/** See {@link checkRequestSchema}. */
export type CheckRequest = z.infer<typeof checkRequestSchema>;

const reportSchema = z.strictObject({
  name: z.string(),
  settings: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  /** Examples of a step's batch, and how many shards it is cut into. */
  batch: whole,
  shards: whole,
  networks: z.array(z.strictObject({ name: z.string(), parameters: whole })),
  phases: z.array(z.strictObject({ name: z.string(), network: z.string(), ms: z.number() })),
  /** The most memory that a worker of it had. */
  memoryMb: z.number(),
  problems: z.array(z.string()),
});

/** What a check has found. */
export type CheckReport = z.infer<typeof reportSchema>;

/** What the process of a check tells. */
export const checkMessageSchema = z.discriminatedUnion('tell', [
  /** What of a person's code runs now; null: none of it. */
  z.strictObject({ tell: z.literal('stage'), stage: z.string().nullable() }),
  z.strictObject({ tell: z.literal('ready') }),
  z.strictObject({ tell: z.literal('report'), report: reportSchema }),
  z.strictObject({
    tell: z.literal('failed'),
    message: z.string(),
    hint: z.string().optional(),
    /** Whether what was asked for is wrong, and not the program. */
    usage: z.boolean(),
  }),
]);

/** See {@link checkMessageSchema}. */
export type CheckMessage = z.infer<typeof checkMessageSchema>;

/** A program could not be checked to its end. */
export class CheckFailedError extends LambduelError {}

/**
 * Try a program in a process of its own, so that code that never ends, or ends the process, does no
 * more than fail the check.
 *
 * @param limitMs how long one part of a person's code may take
 * @throws CheckFailedError when the code cannot be run to its end
 */
export async function checkProgramApart(
  request: CheckRequest,
  limitMs = STAGE_LIMIT_MS,
): Promise<CheckReport> {
  const { path, execArgv } = scriptOf('program-check-process');
  const child = fork(path, [], {
    execArgv,
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const gone = once(child, 'exit');
  let lastWords = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    lastWords = (lastWords + text).slice(-STDERR_KEPT);
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<CheckReport>((resolve, reject) => {
      const fail = (message: string, hint?: string) => reject(errorOf({ message, hint }));
      child.on('message', (raw) => {
        const message = checkMessageSchema.parse(raw);
        clearTimeout(timer);
        if (message.tell === 'ready') child.send(request);
        if (message.tell === 'report') resolve(message.report);
        if (message.tell === 'failed') reject(errorOf(message));
        if (message.tell !== 'stage' || message.stage === null) return;
        timer = setTimeout(() => {
          fail(
            `The program does not end within ${limitMs / 1000} s: it is in ${message.stage}`,
            'Look for a loop that has no end. A job of a run would end in the same way, at its time limit.',
          );
        }, limitMs);
      });
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        const said = lastWords.trim() || `nothing (${signal ?? `exit code ${code}`})`;
        fail(`The process that tried the program has ended; it said: ${said}`);
      });
    });
  } finally {
    clearTimeout(timer);
    child.kill('SIGKILL');
    await gone;
  }
}

function errorOf({ message, hint, usage = false }: FailedCheck): LambduelError {
  const details = hint === undefined ? {} : { hint };
  return usage ? new UsageError(message, details) : new CheckFailedError(message, details);
}

interface FailedCheck {
  readonly message: string;
  readonly hint?: string | undefined;
  readonly usage?: boolean;
}
