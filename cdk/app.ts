import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { BUNDLING_STACKS } from 'aws-cdk-lib/cx-api';
import { AwsSolutionsChecks } from 'cdk-nag';
import { nativeIsInstalled } from '../lib/backend/choose.ts';
import { LambduelError } from '../lib/errors.ts';
import { bundleFunction } from './bundle.ts';
import { nativeLibrary } from './native/library.ts';
import { readSettings } from './settings.ts';
import { isLocalEndpoint, planWorkers, unpacksLibrary } from './target.ts';
import { TrainerStack } from './trainer-stack.ts';

/** What `npx cdk` runs, for every command. */
async function main(): Promise<void> {
  const app = new App();
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const settings = readSettings(app.node);
  const target = {
    local: isLocalEndpoint(process.env.AWS_ENDPOINT_URL),
    nativeInstalled: nativeIsInstalled(),
  };
  const plan = planWorkers(settings, target);
  const packs = unpacksLibrary(plan) && needsCode(app);
  new TrainerStack(app, {
    settings,
    target,
    plan,
    bundle: (name) => bundleFunction(name, join(app.outdir, 'functions')),
    ...(packs ? { library: await nativeLibrary() } : {}),
  });
  app.synth();
}

/** False for `cdk destroy` and `cdk bootstrap`, which bundle no stack. */
function needsCode(app: App): boolean {
  const stacks = app.node.tryGetContext(BUNDLING_STACKS) as unknown[] | undefined;
  return stacks?.length !== 0;
}

try {
  await main();
} catch (error) {
  if (!(error instanceof LambduelError)) throw error;
  process.stderr.write(`lambduel: ${error.message}\n${error.hint ? `  ${error.hint}\n` : ''}`);
  process.exitCode = error.exitCode;
}
