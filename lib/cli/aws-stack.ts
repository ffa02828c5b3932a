import { type Identity, type Stack, StackReader } from '../aws/stacks.ts';
import { STACK_FORMAT, type StackOutputs, stackOutputsSchema } from '../cloud/outputs.ts';
import { LambduelError } from '../errors.ts';

/** A deployed stack of Lambduel's. */
export interface LambduelStack {
  readonly name: string;
  readonly region: string;
  readonly outputs: StackOutputs;
}

/** The output that only stacks of Lambduel's have. */
const MARK = 'LambduelStack';
const DEPLOY = 'Deploy one with `npx cdk deploy`';

/**
 * The stack to use: the one of that name, or else the only one there is.
 *
 * @throws LambduelError when there is none, or more than one to choose from
 */
export async function findStack(name: string | undefined): Promise<LambduelStack> {
  const reader = new StackReader();
  const region = await reader.region();
  const place = placeOf(region, await reader.identity());
  const stack = name === undefined ? await onlyStack(reader, place) : await reader.named(name);
  if (stack === undefined) {
    throw new LambduelError(`There is no stack ${name} in ${place}`, {
      hint: 'Check --stack, AWS_REGION and AWS_PROFILE.',
    });
  }
  return { name: stack.name, region, outputs: outputsOf(stack) };
}

/** Stacks of Lambduel's, by name. */
export async function lambduelStacks(reader: StackReader): Promise<Stack[]> {
  const stacks = (await reader.all()).filter(({ outputs }) => outputs[MARK] !== undefined);
  return stacks.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function onlyStack(reader: StackReader, place: string): Promise<Stack> {
  const [first, ...others] = await lambduelStacks(reader);
  if (first === undefined) {
    throw new LambduelError(`There is no Lambduel stack in ${place}`, {
      hint: `${DEPLOY}, or set AWS_REGION and AWS_PROFILE to where there is one.`,
    });
  }
  if (others.length === 0) return first;
  const names = [first, ...others].map((stack) => stack.name);
  throw new LambduelError(
    `There are ${names.length} Lambduel stacks in ${place}: ${names.join(', ')}`,
    { hint: `Say which one: --stack ${first.name}.` },
  );
}

function outputsOf({ name, status, outputs }: Stack): StackOutputs {
  if (outputs[MARK] === undefined) {
    throw new LambduelError(
      `The stack ${name} is not one of Lambduel's (its status is ${status})`,
      {
        hint: `Leave --stack out to see which there are. ${DEPLOY}.`,
      },
    );
  }
  const result = stackOutputsSchema.safeParse(outputs);
  if (result.success) return result.data;
  const wrong = result.error.issues.map(({ path }) => path.join('.'));
  const why =
    outputs[MARK] === STACK_FORMAT
      ? `its outputs ${wrong.join(', ')} are missing or wrong`
      : `its outputs have format ${outputs[MARK]}, this version knows ${STACK_FORMAT}`;
  throw new LambduelError(`The stack ${name} was deployed by another version of Lambduel: ${why}`, {
    hint: 'Deploy it again with `npx cdk deploy`, or use the version that deployed it.',
    cause: result.error,
  });
}

/** Where was looked, for people. */
function placeOf(region: string, { account, keyId }: Identity): string {
  const who = account === undefined ? `access key ${keyId}` : `account ${account}`;
  return `the region ${region} (${who})`;
}
