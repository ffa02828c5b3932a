import { join } from 'node:path';
import { paths } from './paths.ts';
import type { StateDirectory } from './state.ts';

/** What an AWS SDK client needs in order to talk to a LocalStack. */
export type ClientEnvironment = Readonly<
  Record<
    | 'AWS_ENDPOINT_URL'
    | 'AWS_ENDPOINT_URL_S3'
    | 'AWS_REGION'
    | 'AWS_ACCESS_KEY_ID'
    | 'AWS_SECRET_ACCESS_KEY',
    string
  >
>;

/** What is set already stays, for an endpoint that somebody else started. */
export function clientEnvironment(
  endpoint: string,
  env: NodeJS.ProcessEnv = {},
): ClientEnvironment {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ENDPOINT_URL_S3: env.AWS_ENDPOINT_URL_S3 ?? endpoint,
    AWS_REGION: env.AWS_REGION ?? 'us-east-1',
    AWS_ACCESS_KEY_ID: env.AWS_ACCESS_KEY_ID ?? 'test',
    AWS_SECRET_ACCESS_KEY: env.AWS_SECRET_ACCESS_KEY ?? 'test',
  };
}

/**
 * LocalStack's own environment: only these, so that no profile, proxy or debugging variable of the
 * user's changes what tests see.
 */
export function serverEnvironment(
  address: string,
  state: StateDirectory,
  env: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
  return {
    PATH: env.PATH,
    LD_LIBRARY_PATH: env.LD_LIBRARY_PATH,
    LANG: 'C.UTF-8',
    // What it writes, and where.
    HOME: state.path,
    FILESYSTEM_ROOT: join(state.path, 'filesystem'),
    TMPDIR: state.temp,
    XDG_CACHE_HOME: join(paths.venv, 'cache'),
    PYTHONSAFEPATH: '1', // the cache is kept by the module path, so the latter must not vary
    // Loopback only. URLs name the address: localhost.localstack.cloud does not resolve offline.
    GATEWAY_LISTEN: address,
    LOCALSTACK_HOST: address,
    SQS_ENDPOINT_STRATEGY: 'path',
    // No downloads, no usage events, no DNS server.
    SKIP_SSL_CERT_DOWNLOAD: '1',
    DISABLE_EVENTS: '1',
    DNS_ADDRESS: '0',
    // Queues are about twice as fast without a metric for each message.
    SQS_DISABLE_CLOUDWATCH_METRICS: '1',
    // Functions as processes; a mapping polls again at once instead of after a second.
    LAMBDA_RUNTIME_EXECUTOR: 'process',
    LAMBDA_PROCESS_NODE: process.execPath,
    LAMBDA_PROCESS_NODE_MODULES: state.nodeModules,
    LAMBDA_PROCESS_TMPDIR: state.functionTemp,
    LAMBDA_EVENT_SOURCE_MAPPING_POLL_INTERVAL_SEC: '0',
    // It ends when its stdin closes, and removes this.
    PROCESS_EXECUTOR_STATE_DIRECTORY: state.path,
  };
}
