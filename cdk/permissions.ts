import { Stack, Validations } from 'aws-cdk-lib';
import { type IRole, PolicyStatement, type PolicyStatementProps } from 'aws-cdk-lib/aws-iam';
import { flattenCfnReference } from 'cdk-nag/lib/utils/flatten-cfn-reference.js';
import type { IConstruct } from 'constructs';

/** What a function may do. */
export interface Permission {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions?: PolicyStatementProps['conditions'];
  /** Why a resource has a wildcard. Without it the check at synthesis fails. */
  readonly wildcardBecause?: string;
}

/** Allow a function some actions. CDK's own grants allow more, such as `s3:GetObject*`. */
export function permit(role: IRole, { wildcardBecause, ...permission }: Permission): void {
  const { actions, resources, conditions = {} } = permission;
  role.addToPrincipalPolicy(
    new PolicyStatement({ actions: [...actions], resources: [...resources], conditions }),
  );
  if (wildcardBecause !== undefined) explainWildcards(role, resources, wildcardBecause);
}

/** Tell cdk-nag why a policy below a construct has resources with a wildcard. */
export function explainWildcards(
  scope: IConstruct,
  resources: readonly string[],
  reason: string,
): void {
  for (const resource of resources) {
    const name = flattenCfnReference(Stack.of(scope).resolve(resource));
    if (!name.includes('*')) continue;
    Validations.of(scope).acknowledge({ id: `AwsSolutions-IAM5[Resource::${name}]`, reason });
  }
}
