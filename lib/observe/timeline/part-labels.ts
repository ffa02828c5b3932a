import type { StretchPart } from './where-time-goes.ts';

/** What the parts of a timeline are called, for people. */
export const TIMELINE_LABELS: Readonly<Record<StretchPart, string>> = {
  publish: 'writing weights',
  send: 'sending jobs',
  queue: 'until a worker took the job',
  start: 'starting the worker',
  load: 'loading',
  compile: 'compiling',
  compute: 'computing',
  encode: 'encoding',
  store: 'storing the answer',
  return: 'until the answer arrived',
  wait: 'waiting for the coordinator',
  sum: 'summing',
  apply: 'making the next state',
  between: 'between steps',
};
