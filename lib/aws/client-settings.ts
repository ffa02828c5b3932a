const MAX_ATTEMPTS = 6;
const CONNECT_MS = 5_000;

/** What all clients of AWS are made with, beside what the environment says. */
export interface ClientSettings {
  readonly maxAttempts?: number;
  readonly retryMode: 'standard';
  readonly requestHandler: { readonly connectionTimeout: number; readonly socketTimeout: number };
}

/**
 * Settings for a client. Region, credentials and endpoint come from the environment, as for every
 * tool of AWS; so does the number of attempts with AWS_MAX_ATTEMPTS. Attempts are further apart each
 * time, by random shares (the SDK's standard mode). Connections are kept and used again.
 *
 * @param silenceMs how long a connection may say nothing: one to a machine that is gone says nothing
 *   for ever, also when a function was frozen meanwhile
 */
export function clientSettings(silenceMs: number): ClientSettings {
  // The SDK warns on Node 20 that versions to come will not run on it: the one in use is pinned.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  return {
    ...(process.env.AWS_MAX_ATTEMPTS ? {} : { maxAttempts: MAX_ATTEMPTS }),
    retryMode: 'standard',
    requestHandler: { connectionTimeout: CONNECT_MS, socketTimeout: silenceMs },
  };
}
