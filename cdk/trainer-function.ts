import { Duration, RemovalPolicy, Size, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { EnvironmentVariables } from './function-environment.ts';
import { explainWildcards } from './permissions.ts';

/** What differs between functions. */
export interface TrainerFunctionProps
  extends Pick<lambda.FunctionOptions, 'retryAttempts' | 'recursiveLoop' | 'maxEventAge'> {
  readonly description: string;
  /** A zip archive, or an image that names its handler itself. */
  readonly code: lambda.AssetCode | lambda.AssetImageCode;
  /** The module of a zip archive whose `handler` is called. Default: `index`. */
  readonly module?: string;
  /** MB. */
  readonly memory: number;
  /** MB of `/tmp`. Default: Lambda's, 512. */
  readonly storage?: number;
  /** Seconds. */
  readonly timeout: number;
  readonly environment: EnvironmentVariables;
  readonly logRetentionDays: number;
}

/** A function with its own role and log group, traces and source maps. */
export class TrainerFunction extends Construct {
  readonly function: lambda.Function;
  /** May write the log and traces. The constructs that use it add further rights. */
  readonly role: iam.Role;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: TrainerFunctionProps) {
    super(scope, id);
    const { code, module, description, memory, storage, timeout, environment, ...others } = props;
    const { logRetentionDays, ...rest } = others;
    this.logGroup = new LogGroup(this, 'Logs', {
      retention: logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // A role of its own, because the one that CDK makes may write to every log group.
    this.role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
    });
    this.logGroup.grantWrite(this.role);
    this.function = new lambda.Function(this, 'Function', {
      ...rest,
      ...kindOf(code, module),
      description,
      memorySize: memory,
      ...(storage === undefined ? {} : { ephemeralStorageSize: Size.mebibytes(storage) }),
      timeout: Duration.seconds(timeout),
      architecture: lambda.Architecture.X86_64,
      role: this.role,
      logGroup: this.logGroup,
      tracing: lambda.Tracing.ACTIVE,
      environment: { ...environment, NODE_OPTIONS: '--enable-source-maps' },
    });
    explainWildcards(
      this.role,
      ['*'],
      'X-Ray has no resources: traces can be written everywhere or not at all.',
    );
    Validations.of(this.function).acknowledge({
      id: 'AwsSolutions-L1',
      reason:
        'Node.js 22 is the newest that tfjs-node 4.22 runs on (tfjs issue 8609); all functions run what is tested.',
    });
  }

  /** Let it start another invocation of itself. */
  permitSelf(id: string): void {
    // Not in the role's own policy, which the function depends on: this one names the function.
    new iam.Policy(this, id, {
      roles: [this.role],
      statements: [
        new iam.PolicyStatement({
          actions: ['lambda:InvokeFunction'],
          resources: [this.function.functionArn],
        }),
      ],
    });
  }
}

function kindOf(code: lambda.AssetCode | lambda.AssetImageCode, module = 'index') {
  return code instanceof lambda.AssetImageCode
    ? { code, handler: lambda.Handler.FROM_IMAGE, runtime: lambda.Runtime.FROM_IMAGE }
    : { code, handler: `${module}.handler`, runtime: lambda.Runtime.NODEJS_22_X };
}
