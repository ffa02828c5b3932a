import { type Resource, resourcesOf, type Synthesised } from '../cdk/synth.ts';
import type { Statement } from './policy.ts';

export const ACCOUNT = '111122223333';
const REGION = 'eu-west-1';
const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws',
  'AWS::Region': REGION,
  'AWS::AccountId': ACCOUNT,
  'AWS::URLSuffix': 'amazonaws.com',
};

/** The parts of the stack that have a role, by how their resources' names begin. */
export const PARTS = {
  worker: 'Workers',
  resident: 'Residents',
  coordinator: 'Coordination',
  watchdog: 'Supervision',
};
export type Part = keyof typeof PARTS;

/** A stack as if it had been deployed: every reference is an ARN or a name. */
export class Deployed {
  readonly #stack: Synthesised;

  constructor(stack: Synthesised) {
    this.#stack = stack;
  }

  /** The ARN of the one resource of a type whose logical id begins so. */
  arnOf(type: string, beginning: string): string {
    const ids = resourcesOf(this.#stack, type).map(([id]) => id);
    const [found, ...others] = ids.filter((id) => id.startsWith(beginning));
    if (!found || others.length > 0) throw new Error(`Not one ${type} begins with ${beginning}`);
    return this.#arn(found);
  }

  roleOf(part: Part): string {
    return this.arnOf('AWS::IAM::Role', PARTS[part]);
  }

  /** The prefix of the queues that the stack's coordinators make. */
  get queuePrefix(): string {
    return String(this.#stack.json.Outputs.QueuePrefix?.Value);
  }

  /** The statements of all policies that a role has. */
  statementsOf(role: string): Statement[] {
    return resourcesOf(this.#stack, 'AWS::IAM::Policy')
      .filter(([, { Properties }]) =>
        (this.resolve(Properties.Roles) as string[]).includes(role.slice(role.indexOf('/') + 1)),
      )
      .flatMap(([, { Properties }]) => this.#statements(Properties.PolicyDocument));
  }

  /** The statements of the policies that are resources' own, of one type. */
  resourceStatements(type: string): Statement[] {
    return resourcesOf(this.#stack, type).flatMap(([, { Properties }]) =>
      this.#statements(Properties.PolicyDocument),
    );
  }

  /** Every role, by its logical id, and who may take it. */
  trust(): Record<string, Statement[]> {
    return Object.fromEntries(
      resourcesOf(this.#stack, 'AWS::IAM::Role').map(([id, { Properties }]) => [
        id,
        this.#statements(Properties.AssumeRolePolicyDocument),
      ]),
    );
  }

  /** A value of the template with everything that is known at deployment filled in. */
  resolve(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map((each) => this.resolve(each));
    const call = value as Record<string, unknown>;
    if (typeof call.Ref === 'string') return this.#ref(call.Ref);
    const [id, attribute] = (call['Fn::GetAtt'] ?? []) as string[];
    if (id !== undefined) {
      if (attribute !== 'Arn') throw new Error(`${id}.${attribute} is not known here`);
      return this.#arn(id);
    }
    const [separator, parts] = (call['Fn::Join'] ?? []) as [string, unknown[]];
    if (parts) return parts.map((part) => this.resolve(part)).join(separator);
    return Object.fromEntries(
      Object.entries(call).map(([key, member]) => [key, this.resolve(member)]),
    );
  }

  #statements(document: { readonly Statement: unknown }): Statement[] {
    return this.resolve(document.Statement) as Statement[];
  }

  #resource(id: string): Resource {
    const resource = this.#stack.json.Resources[id];
    if (!resource) throw new Error(`There is no resource ${id}`);
    return resource;
  }

  #ref(id: string): string {
    const pseudo = PSEUDO[id];
    if (pseudo !== undefined) return pseudo;
    return this.#resource(id).Type === 'AWS::SNS::Topic' ? this.#arn(id) : nameOf(id);
  }

  #arn(id: string): string {
    const name = nameOf(id);
    const place = `${REGION}:${ACCOUNT}`;
    switch (this.#resource(id).Type) {
      case 'AWS::S3::Bucket':
        return `arn:aws:s3:::${name}`;
      case 'AWS::SQS::Queue':
        return `arn:aws:sqs:${place}:${name}`;
      case 'AWS::Lambda::Function':
        return `arn:aws:lambda:${place}:function:${name}`;
      case 'AWS::Logs::LogGroup':
        return `arn:aws:logs:${place}:log-group:${name}:*`;
      case 'AWS::IAM::Role':
        return `arn:aws:iam::${ACCOUNT}:role/${name}`;
      case 'AWS::SNS::Topic':
        return `arn:aws:sns:${place}:${name}`;
      default:
        throw new Error(`The ARN of ${id} is not known here`);
    }
  }
}

/** Names as CloudFormation makes them: of the stack and the logical id. */
function nameOf(id: string): string {
  return `lambduel-${id.toLowerCase()}`;
}
