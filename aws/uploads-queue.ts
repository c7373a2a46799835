import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { DependencyError } from '../core/errors.ts';
import type { Upload } from '../core/jobs/upload.ts';
import { parseJson } from '../core/parse-json.ts';
import type { Again } from '../core/use-cases/dispatch-upload.ts';
import { answered } from './answered.ts';
import { uploadsOf } from './s3-event.ts';

/** What a message of the uploads queue is about; `again` where a person asked for it, and not the bucket. */
export type Announced = { uploads: Upload[]; again?: Again };

const reprocessMessage = z.strictObject({
  reprocess: z.strictObject({
    request: z.string().min(1),
    recipes: z.string().optional(),
    upload: z.strictObject({
      bucket: z.string().min(1),
      key: z.string().min(1),
      versionId: z.string().optional(),
      etag: z.string(),
      bytes: z.number().int().nonnegative(),
    }),
  }),
});

/** Reads a message of the uploads queue. Throws ConfigurationError `NotAnS3Event` for what is neither. */
export const announcedBy = (body: string): Announced => {
  const asked = reprocessMessage.safeParse(parseJson(body));
  if (!asked.success) return { uploads: uploadsOf(body) };
  const { upload, ...again } = asked.data.reprocess;
  return { uploads: [upload], again };
};

/** The most messages that SQS takes at once. */
const batchSize = 10;

/** Asks for uploads to be dispatched again, by messages of their own in the uploads queue. */
export const requestReprocessing = async (
  client: SQSClient,
  queueUrl: string,
  uploads: readonly Upload[],
  again: Again,
): Promise<void> => {
  for (let start = 0; start < uploads.length; start += batchSize) {
    const Entries = uploads.slice(start, start + batchSize).map((upload, index) => ({
      Id: String(index),
      MessageBody: JSON.stringify({ reprocess: { ...again, upload } }),
    }));
    const answer = await answered(
      'SQS to take messages',
      client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries })),
    );
    const [refused] = answer?.Failed ?? [];
    if (refused === undefined) continue;
    throw new DependencyError(`Expected SQS to take every message but it refused one: ${refused.Message}. Try again.`, {
      code: 'ServiceFailed',
    });
  }
};
