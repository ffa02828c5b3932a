/** Replaces what must not be logged. */
const HIDDEN = '************';

/** The number of an account, as AWS writes it: alone, in ARNs and URLs, and in bucket names. */
const ACCOUNT = /(?<![\w-]|\d\.)\d{12}(?![\w-]|\.\d)|(?<=-)\d{12}(?=-[a-z]{2}-)/g;
/** The id of an access key, a user or a role: four letters for its kind, then the rest. */
const KEY_ID = /(?<!\w)A(?:KIA|SIA|IDA|ROA|GPA|NPA|NVA|BIA|CCA)[A-Z0-9]{12,}(?!\w)/g;
/** The environment variables with a function's credentials. */
const SECRETS = ['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_ACCESS_KEY_ID'] as const;
/** Shorter values are no credentials, such as LocalStack's `test`. */
const SHORTEST_SECRET = 16;

/**
 * A text that may be logged: without account numbers, ids of keys and this function's own
 * credentials. AWS writes these into messages. The error of a refused request names the caller's
 * ARN. The error of a wrong signature repeats everything that was signed, including the session
 * token.
 */
export function redact(text: string, env: NodeJS.ProcessEnv = process.env): string {
  let redacted = text;
  for (const name of SECRETS) {
    const secret = env[name] ?? '';
    if (secret.length < SHORTEST_SECRET) continue;
    for (const form of [secret, encodeURIComponent(secret)]) {
      redacted = redacted.replaceAll(form, HIDDEN);
    }
  }
  return redacted.replaceAll(KEY_ID, HIDDEN).replaceAll(ACCOUNT, HIDDEN);
}

/** The same for every text in a log line: a replacer for `JSON.stringify`. */
export function redactValue(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? redact(value) : value;
}

/**
 * The same for an error that a function throws, because the Lambda runtime logs its message and
 * stack. Its cause is left out. The function has logged it already.
 */
export function redactError(error: unknown): unknown {
  if (!(error instanceof Error)) return typeof error === 'string' ? redact(error) : error;
  const told = new Error(redact(error.message));
  told.stack = redact(error.stack ?? '');
  return Object.assign(told, { name: error.name });
}
