import type { BackendName } from '../lib/run/record/config.ts';

/** How the workers are deployed. */
export interface WorkerPlan {
  readonly backend: BackendName;
  /** A container image, built by Docker, for a library that is too large for a zip archive. */
  readonly packaging: 'image' | 'zip';
}

/** Where the stack goes, and what is known there. */
export interface Target {
  /** On LocalStack rather than on AWS. */
  readonly local: boolean;
  /** Whether this machine has the native library. */
  readonly nativeInstalled: boolean;
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\]|(.+\.)?localhost\.localstack\.cloud)$/;

/** Whether an endpoint, such as that of `AWS_ENDPOINT_URL`, is a LocalStack on this machine. */
export function isLocalEndpoint(endpoint: string | undefined): boolean {
  return (
    endpoint !== undefined && URL.canParse(endpoint) && LOOPBACK.test(new URL(endpoint).hostname)
  );
}

/**
 * How to deploy the workers. AWS gets the native backend, in an image. On LocalStack functions are
 * processes of this machine: they take a zip, and the native library from where it is installed.
 *
 * @param wanted the backend that was asked for
 */
export function planWorkers(wanted: BackendName | undefined, target: Target): WorkerPlan {
  if (!target.local) {
    const backend = wanted ?? 'native';
    return { backend, packaging: backend === 'native' ? 'image' : 'zip' };
  }
  return { backend: wanted ?? (target.nativeInstalled ? 'native' : 'wasm'), packaging: 'zip' };
}
