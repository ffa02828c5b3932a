/** Stands for what is not logged. */
const HIDDEN = '************';

/** Where AWS writes the number of an account: alone, in ARNs and URLs, and in names of buckets. */
const ACCOUNT = /(?<![\w-]|\d\.)\d{12}(?![\w-]|\.\d)|(?<=-)\d{12}(?=-[a-z]{2}-)/g;
/** The id of an access key, a user or a role: four letters that say what it is of, and the rest. */
const KEY_ID = /(?<!\w)A(?:KIA|SIA|IDA|ROA|GPA|NPA|NVA|BIA|CCA)[A-Z0-9]{12,}(?!\w)/g;
/** The variables by which a function gets its credentials. */
const SECRETS = ['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_ACCESS_KEY_ID'] as const;
/** Anything shorter is no credential, as LocalStack's `test`. */
const SHORTEST_SECRET = 16;

/**
 * A text as it may be logged: without numbers of accounts, ids of keys and this function's own
 * credentials. AWS writes them into messages: a refused request names the ARN of who asked, and one
 * whose signature is wrong repeats all that was signed, the session token with it.
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
 * The same for an error that a function throws: the Lambda runtime logs its message and its stack.
 * What it was caused by is not told; the function has logged that itself.
 */
export function redactError(error: unknown): unknown {
  if (!(error instanceof Error)) return typeof error === 'string' ? redact(error) : error;
  const told = new Error(redact(error.message));
  told.stack = redact(error.stack ?? '');
  return Object.assign(told, { name: error.name });
}
