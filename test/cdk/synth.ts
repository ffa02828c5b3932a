import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { expect } from 'vitest';
import type { Bundle } from '../../cdk/bundle.ts';
import type { NativeLibrary } from '../../cdk/native/library.ts';
import { readSettings } from '../../cdk/settings.ts';
import { planWorkers, type Target, unpacksLibrary } from '../../cdk/target.ts';
import { TrainerStack } from '../../cdk/trainer-stack.ts';

/** CDK's own checks take seconds; the test of the command has them. */
process.env.CDK_VALIDATION = 'false';

const { context: flags } = JSON.parse(
  readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8'),
) as { context: Record<string, unknown> };

export const AWS: Target = { local: false, nativeInstalled: true };
export const LOCAL: Target = { local: true, nativeInstalled: true };

/** A resource of a template, as far as tests look at it. */
export interface Resource {
  readonly Type: string;
  readonly DeletionPolicy?: string;
  // biome-ignore lint/suspicious/noExplicitAny: a template is any JSON, and a wrong path fails the test
  readonly Properties: any;
}

/** CDK's own checks of a template, as assertions of the test that makes them. */
interface TemplateChecks {
  hasResource(type: string, properties: unknown): void;
  hasResourceProperties(type: string, properties: unknown): void;
}

/** A stack as it was synthesised. */
export interface Synthesised {
  readonly app: App;
  readonly template: TemplateChecks;
  readonly json: {
    readonly Resources: Readonly<Record<string, Resource>>;
    readonly Outputs: Readonly<Record<string, { readonly Value: unknown }>>;
  };
}

const synthesised = new Map<string, Synthesised>();

/**
 * The stack with stand-ins for the functions' code, synthesised once for all test files that share
 * this process. Who changes it takes {@link synthesiseAnew}.
 *
 * @param folder an empty one; it is of no use if the stack has been synthesised already
 */
export function synthesise(
  folder: string,
  context: Record<string, unknown> = {},
  target: Target = AWS,
): Synthesised {
  const key = JSON.stringify([context, target]);
  const made = synthesised.get(key) ?? synthesiseAnew(folder, context, target);
  synthesised.set(key, made);
  return made;
}

/** The stack, of nobody else. @param folder an empty one */
export function synthesiseAnew(
  folder: string,
  context: Record<string, unknown> = {},
  target: Target = AWS,
  library: NativeLibrary = STAND_IN,
): Synthesised {
  const app = new App({ outdir: join(folder, 'cdk.out'), context: { ...flags, ...context } });
  const settings = readSettings(app.node);
  const plan = planWorkers(settings, target);
  const stack = new TrainerStack(app, {
    ...{ settings, target, plan },
    bundle: standIns(folder),
    ...(unpacksLibrary(plan) ? { library } : {}),
  });
  const template = Template.fromStack(stack);
  return { app, template: checksOf(template), json: template.toJSON() as Synthesised['json'] };
}

function checksOf(template: Template): TemplateChecks {
  const check = (act: () => void): void => expect(act).not.toThrow();
  return {
    hasResource: (type, properties) => check(() => template.hasResource(type, properties)),
    hasResourceProperties: (type, properties) =>
      check(() => template.hasResourceProperties(type, properties)),
  };
}

/** The resources of a type, by their logical ids. */
export function resourcesOf({ json }: Synthesised, type: string): [string, Resource][] {
  return Object.entries(json.Resources).filter(([, resource]) => resource.Type === type);
}

/** The one resource of a type whose logical id begins so. */
export function resourceOf(synthesised: Synthesised, type: string, beginning: string): Resource {
  const found = resourcesOf(synthesised, type).filter(([id]) => id.startsWith(beginning));
  if (found.length !== 1) throw new Error(`${found.length} of ${type} begin with ${beginning}`);
  return (found[0] as [string, Resource])[1];
}

/** As large as the library is in real, and with nothing in it. */
const STAND_IN: NativeLibrary = { unpackedBytes: 449_000_000, addTo: () => {} };

function standIns(folder: string): Bundle {
  return (name) => {
    const code = join(folder, name);
    mkdirSync(code, { recursive: true });
    writeFileSync(join(code, 'index.mjs'), `export const handler = async () => '${name}';\n`);
    return code;
  };
}
