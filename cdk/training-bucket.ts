import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { bundleKeyPattern } from '../lib/program/program-bundle.ts';
import { runKeys } from '../lib/run/record/keys.ts';
import { TRANSIENT_TAG } from '../lib/store/s3-tag.ts';
import { permit } from './permissions.ts';
import type { Settings } from './settings.ts';

const WILDCARD =
  "Run ids and versions are made when runs start, so keys are not known at deployment; the bucket is the stack's own.";

/** The store of runs and datasets. */
export class TrainingBucket extends Construct {
  readonly bucket: s3.Bucket;

  constructor(
    scope: Construct,
    id: string,
    { gradientDays, runDays, retain }: Pick<Settings, 'gradientDays' | 'runDays' | 'retain'>,
  ) {
    super(scope, id);
    this.bucket = new s3.Bucket(this, 'Bucket', {
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      encryption: s3.BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      removalPolicy: retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      autoDeleteObjects: !retain,
      lifecycleRules: [
        {
          // By tag, because a prefix cannot skip the run's id. A run removes its own objects. This
          // rule is for those that a crash left.
          id: 'RemoveTransientObjects',
          tagFilters: TRANSIENT_TAG,
          expiration: Duration.days(gradientDays),
        },
        { id: 'AbortUploads', abortIncompleteMultipartUploadAfter: Duration.days(1) },
        ...(runDays > 0
          ? [{ id: 'RemoveOldRuns', prefix: runKeys.all, expiration: Duration.days(runDays) }]
          : []),
      ],
    });
    Validations.of(this.bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'A step makes several requests, so that access logs would soon outgrow the data. Who has to audit access turns on CloudTrail data events for this bucket.',
    });
  }

  /** Let a function do something with the objects of some keys, which may have `*` in them. */
  permit(role: IRole, actions: readonly string[], keys: readonly string[]): void {
    permit(role, {
      actions,
      resources: keys.map((key) => this.bucket.arnForObjects(key)),
      wildcardBecause: WILDCARD,
    });
  }

  /** Let a function read program files, which it never writes. */
  permitPrograms(role: IRole): void {
    this.permit(role, ['s3:GetObject'], [bundleKeyPattern]);
    this.permitList(role, [bundleKeyPattern]);
  }

  /**
   * Let a function list objects. Reading needs this too: without it S3 answers 403 instead of 404
   * for an object that does not exist.
   */
  permitList(role: IRole, prefixes: readonly string[]): void {
    permit(role, {
      actions: ['s3:ListBucket'],
      resources: [this.bucket.bucketArn],
      conditions: { StringLike: { 's3:prefix': prefixes } },
    });
  }
}
