const MAX_ATTEMPTS = 6;
const CONNECT_MS = 5_000;

/** What all AWS clients are made with, beside the settings in the environment. */
export interface ClientSettings {
  readonly maxAttempts?: number;
  readonly retryMode: 'standard';
  readonly requestHandler: { readonly connectionTimeout: number; readonly socketTimeout: number };
}

/**
 * Settings for a client. Region, credentials and endpoint come from the environment, as for every
 * AWS tool, and AWS_MAX_ATTEMPTS sets the number of attempts. The time between attempts grows, with
 * a random part (the SDK's standard mode). Connections are kept and used again.
 *
 * @param silenceMs how long a connection may be silent. One to a machine that is gone stays silent for
 *   ever, which also happens when a function was frozen meanwhile
 */
export function clientSettings(silenceMs: number): ClientSettings {
  // On Node 20 the SDK warns about its later versions. The version in use is pinned.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  return {
    ...(process.env.AWS_MAX_ATTEMPTS ? {} : { maxAttempts: MAX_ATTEMPTS }),
    retryMode: 'standard',
    requestHandler: { connectionTimeout: CONNECT_MS, socketTimeout: silenceMs },
  };
}
