/**
 * The Lambda runtime for Node.js: loads the handler, then answers invocations until standard input
 * closes. runtime_process.py starts it and describes the two pipes.
 *
 *     node runtime.mjs REPORT_FD
 */
import { existsSync, writeSync } from 'node:fs';
import { register } from 'node:module';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const { env } = process;
const reportFd = Number(process.argv[2]);

/**
 * @typedef {object} Invocation
 * @property {string} requestId
 * @property {string} functionArn
 * @property {number} deadlineMs
 * @property {string} traceId
 * @property {string} event as JSON
 */

/** @typedef {(event: unknown, context: unknown) => unknown} Handler */

/**
 * @param {string} kind
 * @param {unknown} [value]
 */
function report(kind, value) {
  const line = Buffer.from(`${kind} ${JSON.stringify(value) ?? 'null'}\n`);
  for (let sent = 0; sent < line.length; ) {
    sent += writeSync(reportFd, line, sent);
  }
}

/** @param {unknown} error */
function describe(error) {
  return error instanceof Error
    ? { errorType: error.name, errorMessage: error.message, trace: error.stack?.split('\n') ?? [] }
    : { errorType: typeof error, errorMessage: String(error), trace: [] };
}

/**
 * `dist/index.handler` is the export `handler` of dist/index.mjs, .js or .cjs.
 *
 * @param {string} spec
 * @returns {Promise<Handler>}
 */
async function loadHandler(spec) {
  const dot = spec.lastIndexOf('.');
  const name = spec.slice(dot + 1);
  const base = resolve(env.LAMBDA_TASK_ROOT ?? '', spec.slice(0, dot));
  const file = ['.mjs', '.js', '.cjs'].map((suffix) => base + suffix).find(existsSync);
  if (!file) {
    throw Object.assign(new Error(`Cannot find module '${base}'`), {
      name: 'Runtime.ImportModuleError',
    });
  }
  const loaded = await import(pathToFileURL(file).href);
  const handler = loaded[name] ?? loaded.default?.[name];
  if (typeof handler !== 'function') {
    throw Object.assign(new Error(`${spec} is undefined or not exported`), {
      name: 'Runtime.HandlerNotFound',
    });
  }
  return handler;
}

/** @param {Invocation} invocation */
function contextOf({ requestId, functionArn, deadlineMs }) {
  return {
    awsRequestId: requestId,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    invokedFunctionArn: functionArn,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    getRemainingTimeInMillis: () => deadlineMs - Date.now(),
  };
}

/**
 * @param {Handler} handler
 * @param {Invocation} invocation
 */
async function answer(handler, invocation) {
  env._X_AMZN_TRACE_ID = invocation.traceId;
  try {
    report('response', await handler(JSON.parse(invocation.event), contextOf(invocation)));
  } catch (error) {
    report('error', describe(error));
  }
}

/** Also for a promise that nobody awaited: the state of the function is unknown after either. */
process.on('uncaughtException', (error) => {
  report('fatal', describe(error));
  process.exit(1);
});

const invocations = createInterface({ input: process.stdin });
invocations.on('close', () => process.exit(0));

if (env.NODE_PATH) {
  register('./node-path.mjs', import.meta.url);
}
const handler = await loadHandler(env._HANDLER ?? '');
invocations.on('line', (line) => answer(handler, JSON.parse(line)));
report('ready');
