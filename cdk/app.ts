import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { nativeIsInstalled } from '../lib/backend/choose.ts';
import { LambduelError } from '../lib/errors.ts';
import { bundleFunction } from './bundle.ts';
import { readSettings } from './settings.ts';
import { isLocalEndpoint } from './target.ts';
import { TrainerStack } from './trainer-stack.ts';

/** What `npx cdk` runs, for every command. */
function main(): void {
  const app = new App();
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  new TrainerStack(app, {
    settings: readSettings(app.node),
    target: {
      local: isLocalEndpoint(process.env.AWS_ENDPOINT_URL),
      nativeInstalled: nativeIsInstalled(),
    },
    bundle: (name) => bundleFunction(name, join(app.outdir, 'functions')),
  });
  app.synth();
}

try {
  main();
} catch (error) {
  if (!(error instanceof LambduelError)) throw error;
  process.stderr.write(`lambduel: ${error.message}\n${error.hint ? `  ${error.hint}\n` : ''}`);
  process.exitCode = error.exitCode;
}
