import type { Tfjs } from '../program/program.ts';

/** A loaded TensorFlow.js with the backend that computes. */
export interface Backend {
  readonly name: 'native' | 'wasm';
  readonly version: string;
  readonly tf: Tfjs;
}
