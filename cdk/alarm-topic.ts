import { Aws, RemovalPolicy } from 'aws-cdk-lib';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';

/** Reports alarms by e-mail. AWS first asks the address to confirm. */
export class AlarmTopic extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, email: string) {
    super(scope, id);
    // A key of its own: CloudWatch may not use the one that AWS manages for SNS.
    const masterKey = new Key(this, 'Key', {
      description: 'Lambduel: messages of alarms',
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.topic = new Topic(this, 'Topic', { masterKey, enforceSSL: true });
    this.topic.addSubscription(new EmailSubscription(email));
    const alarms = new ServicePrincipal('cloudwatch.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
    });
    // A policy replaces the default one, which lets the topic's own account publish.
    this.topic.grantPublish(alarms);
    masterKey.grant(alarms, 'kms:Decrypt', 'kms:GenerateDataKey*');
  }
}
