import { messageOf } from '../errors.ts';

/** Fields of an error that the AWS SDK throws. Each may be missing. */
interface AwsErrorFields {
  readonly name?: string;
  /** Set for network errors. */
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly attempts?: number };
}

const LOG_IN =
  'Log in again (`aws sso login`), or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.';
const WAIT =
  'AWS is slowing these requests down: try again in a few minutes, or with fewer at once.';
const NETWORK =
  'Check the network, AWS_REGION, and AWS_ENDPOINT_URL where it is set; then try again.';
const REGION = 'Set AWS_REGION to the region of the stack.';

/** What to do about an error, by its name or its code. */
const HINTS: Readonly<Record<string, string>> = {
  CredentialsProviderError: LOG_IN,
  TokenProviderError: LOG_IN,
  ExpiredToken: LOG_IN,
  ExpiredTokenException: LOG_IN,
  InvalidToken: LOG_IN,
  InvalidAccessKeyId: LOG_IN,
  InvalidClientTokenId: LOG_IN,
  UnrecognizedClientException: LOG_IN,
  SignatureDoesNotMatch: LOG_IN,
  InvalidSignatureException: LOG_IN,
  AccessDenied:
    'The role or user in use needs the permission for this: see the policies of the stack.',
  AccessDeniedException:
    'The role or user in use needs the permission for this: see the policies of the stack.',
  RequestTimeTooSkewed: 'Set the clock of this machine.',
  SlowDown: WAIT,
  Throttling: WAIT,
  ThrottlingException: WAIT,
  ThrottledException: WAIT,
  RequestThrottled: WAIT,
  RequestLimitExceeded: WAIT,
  OverLimit: WAIT,
  PermanentRedirect: REGION,
  AuthorizationHeaderMalformed: REGION,
  IllegalLocationConstraintException: REGION,
  TimeoutError: NETWORK,
  ECONNREFUSED: NETWORK,
  ECONNRESET: NETWORK,
  ENOTFOUND: NETWORK,
  EAI_AGAIN: NETWORK,
  EHOSTUNREACH: NETWORK,
  ENETUNREACH: NETWORK,
  ETIMEDOUT: NETWORK,
};

/** The name of an AWS error, such as `NoSuchKey`. */
export function awsErrorName(error: unknown): string {
  return (error as AwsErrorFields | undefined)?.name ?? 'Error';
}

/** The HTTP status of an AWS error; undefined when there was no answer. */
export function awsStatus(error: unknown): number | undefined {
  return (error as AwsErrorFields | undefined)?.$metadata?.httpStatusCode;
}

/** How many times the SDK sent the request that failed. */
export function awsAttempts(error: unknown): number {
  return (error as AwsErrorFields | undefined)?.$metadata?.attempts ?? 1;
}

/** Why a request to AWS failed, for people: the name and the message of the error. */
export function awsReason(error: unknown): string {
  const { name = 'Error', code } = error as AwsErrorFields;
  const message = messageOf(error);
  const said = message === '' || message === 'UnknownError' ? undefined : message;
  const called = name === 'Error' || name === 'AggregateError' ? code : name;
  if (called === undefined || said?.includes(called)) return said ?? name;
  return said === undefined ? called : `${called}: ${said}`;
}

/** What a person can do about a request to AWS that failed. */
export function awsHint(error: unknown): string {
  const { name = '', code = '' } = error as AwsErrorFields;
  const known = HINTS[name] ?? HINTS[code];
  if (known !== undefined) return known;
  if (/region is missing/i.test(messageOf(error))) return REGION;
  return (awsStatus(error) ?? 0) >= 500
    ? 'AWS has a fault: try again when https://health.aws.amazon.com shows none.'
    : 'Look the error up in the documentation of the service.';
}
