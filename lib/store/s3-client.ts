import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { clientSettings } from '../aws/client-settings.ts';

const SILENCE_MS = 20_000;

/** A new S3 client. See `clientSettings` for what comes from the environment. */
export function createS3Client(config: S3ClientConfig = {}): S3Client {
  const { AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_S3 } = process.env;
  return new S3Client({
    ...clientSettings(SILENCE_MS),
    // Host names of buckets (bucket.localhost) seldom resolve with an endpoint other than AWS's
    // own.
    ...(AWS_ENDPOINT_URL_S3 || AWS_ENDPOINT_URL ? { forcePathStyle: true } : {}),
    ...config,
  });
}
