/** Whether the native TensorFlow backend can be used, and if not, why and what to do. */
export interface NativeStatus {
  readonly available: boolean;
  /** By tfjs-node's own installer, built from the wheel, or found there by set-up. */
  readonly how: 'official' | 'wheel' | 'present' | null;
  readonly reason: string | null;
  readonly remedy: string | null;
}

/** Reads what the last set-up wrote; loads nothing. */
export function nativeStatus(): NativeStatus;

export type ToolName = 'python3' | 'pip' | 'c++' | 'docker' | 'docker-daemon';

/** The first line that a tool says about its version, or null when it is not usable. */
export function findTool(name: ToolName, env?: NodeJS.ProcessEnv): string | null;
