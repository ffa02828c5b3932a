import type { GetObjectCommand, GetObjectCommandOutput, S3Client } from '@aws-sdk/client-s3';
import type { StoredObject } from './store.ts';

/** An answer broke off, or its bytes do not match its checksum. */
export class BrokenBodyError extends Error {}

/** Read an object. Its age follows from the answer's `Date`, never from this machine's clock. */
export async function readObject(
  client: S3Client,
  command: GetObjectCommand,
): Promise<StoredObject> {
  const date = watchDate(command);
  const output = await client.send(command);
  return { bytes: await bytesOf(output), ...propertiesOf(output, date()) };
}

async function bytesOf({ Body }: GetObjectCommandOutput): Promise<Uint8Array> {
  if (!Body) return new Uint8Array();
  try {
    return await Body.transformToByteArray();
  } catch (cause) {
    throw new BrokenBodyError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** An unknown age counts as that of a new object: then no lease has run out. */
function propertiesOf(
  { ETag = '', LastModified }: { ETag?: string | undefined; LastModified?: Date | undefined },
  date: number,
): Pick<StoredObject, 'etag' | 'ageMs'> {
  return { etag: ETag, ageMs: Math.max(0, date - (LastModified?.getTime() ?? Number.NaN)) || 0 };
}

/** @returns the time at which the command's last answer was made, in milliseconds since 1970 */
function watchDate(command: GetObjectCommand): () => number {
  let date = Number.NaN;
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { headers } = result.response as { headers?: Record<string, string> };
      date = Date.parse(headers?.date ?? '');
      return result;
    },
    { step: 'deserialize', name: 'watchDate' },
  );
  return () => date;
}
