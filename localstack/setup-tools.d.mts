export interface CommandResult {
  /** Null when it was killed, 127 when it is missing. */
  readonly code: number | null;
  /** The end of stdout and stderr, mixed. */
  readonly output: string;
  /** Why it was stopped before its end, if it was. */
  readonly stopped: string | null;
}

/** Runs a program that ends with this process, however that ends. */
export function run(
  command: string,
  args: string[],
  options?: { cwd?: string; env?: NodeJS.ProcessEnv; limitMs?: number },
): Promise<CommandResult>;

/** Null when the file is missing or was cut short. */
export function readJson(path: string): unknown;
export function writeJson(path: string, value: unknown): void;
export function sha256(content: string | Buffer): string;

export function withLock<T>(
  path: string,
  work: () => Promise<T>,
  onWait?: (holder: { pid: number }) => void,
): Promise<T>;

export interface Progress {
  say(text: string): void;
  /** Tells on stderr that `work` goes on, once it takes longer than two seconds. */
  step<T>(title: string, work: () => Promise<T>, detail?: () => string): Promise<T>;
}

export function createProgress(): Progress;
