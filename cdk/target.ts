import { UsageError } from '../lib/errors.ts';
import type { BackendName } from '../lib/run/record/config.ts';
import type { Settings } from './settings.ts';

/** How the workers are deployed. */
export interface WorkerPlan {
  readonly backend: BackendName;
  /** In a zip archive the native library is compressed: it would be too large otherwise. */
  readonly packaging: Settings['packaging'];
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
 * How to deploy the workers. Without a wish they compute natively; on LocalStack only where this
 * machine has the native library.
 *
 * @throws UsageError when LocalStack is to run a container image
 */
export function planWorkers(
  { backend: wanted, packaging }: Pick<Settings, 'backend' | 'packaging'>,
  { local, nativeInstalled }: Target,
): WorkerPlan {
  const backend = wanted ?? (local && !nativeInstalled ? 'wasm' : 'native');
  if (backend === 'wasm') return { backend, packaging: 'zip' };
  if (local && packaging === 'image') {
    throw new UsageError('LocalStack runs functions as processes, and cannot run an image', {
      hint: 'Leave `-c packaging=image` out.',
    });
  }
  return { backend, packaging };
}

/** Whether the workers unpack the native library when they start. */
export function unpacksLibrary({ backend, packaging }: WorkerPlan): boolean {
  return backend === 'native' && packaging === 'zip';
}
