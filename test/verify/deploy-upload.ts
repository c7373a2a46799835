import assert from 'node:assert/strict';
import { join } from 'node:path';
import { ListEventSourceMappingsCommand, UpdateEventSourceMappingCommand } from '@aws-sdk/client-lambda';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { DeleteMessageCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import sharp from 'sharp';
import { connect } from '../../aws/connect.ts';
import { photoLike } from '../../cli/photo-like.ts';
import type { Job } from '../../core/jobs/job.ts';
import type { Manifest } from '../../core/jobs/manifest.ts';
import { succeededMessages, toSqsEvent } from '../../local/lambda/sqs-event.ts';
import { credentials, region } from '../../local/names.ts';
import { runFunction } from './deploy-function.ts';
import { prefix, type Stack, stage } from './deploy-stack.ts';

/** A deployment whose functions run here, with what they need. */
export type Scene = { stack: Stack; folder: string; endpoint: string; sdk: NodeJS.ProcessEnv };

/** Until then moto takes every message itself, runs nothing, and calls it dealt with. */
export const stopEmulatedFunctions = async ({ stack: { clients } }: Scene): Promise<void> => {
  const { EventSourceMappings = [] } = await clients.lambda.send(new ListEventSourceMappingsCommand({}));
  for (const { UUID } of EventSourceMappings)
    await clients.lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: false }));
};

export const archiveOf = (folder: string, name: string): string => join(folder, `.serverless/${name}.zip`);

/** Does what a queue's mapping does, once: receives, runs the function, deletes what it dealt with. */
export const deliver = async (
  { stack, folder, sdk }: Scene,
  queue: 'uploads' | 'work',
  name: 'dispatch' | 'process',
): Promise<void> => {
  const { sqs, lambda } = stack.clients;
  const QueueUrl = stack.queueUrl(queue);
  const receive = new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5, MessageSystemAttributeNames: ['All'] });
  const { Messages = [] } = await sqs.send(receive);
  assert.equal(Messages.length, 1, `messages in the ${queue} queue`);
  const event = toSqsEvent(Messages, `${prefix}-${queue}`);
  const answer = await runFunction(lambda, `${prefix}-${name}`, archiveOf(folder, name), sdk, event);
  const dealtWith = succeededMessages(Messages, JSON.stringify(answer));
  assert.equal(dealtWith.length, 1, `${name} gave the message back`);
  for (const { ReceiptHandle } of dealtWith) await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
};

export const upload = async ({ stack: { clients, names } }: Scene, Key: string, Body: Uint8Array, recipe?: string) => {
  const Metadata: Record<string, string> = recipe === undefined ? {} : { 'kadam-recipe': recipe };
  await clients.s3.send(new PutObjectCommand({ Bucket: names.inputBucket, Key, Body, Metadata }));
};

export const picture = (): Promise<Buffer> => photoLike({ width: 1200, height: 800 }).jpeg().toBuffer();

/** The newest record of a key's job, as a person's commands see it. */
export const recordOf = async ({ endpoint }: Scene, key: string): Promise<Job> => {
  const connection = await connect(stage, { endpoint, region, credentials });
  try {
    const [job] = await connection.jobsOf(key);
    if (job === undefined) throw new Error(`Expected a job of ${key} but there is none.`);
    return job;
  } finally {
    connection.close();
  }
};

/** The outputs of a job that is done: each one is a picture, and the one that the manifest says. */
export const checkOutputs = async ({ stack: { clients, names } }: Scene, job: Job): Promise<string> => {
  assert.equal(job.state, 'done', job.error?.message);
  const Bucket = names.outputBucket;
  const read = async (Key: string, VersionId?: string): Promise<Buffer> => {
    const { Body } = await clients.s3.send(new GetObjectCommand({ Bucket, Key, VersionId }));
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  };
  const manifest: Manifest = JSON.parse((await read(job.manifestKey ?? '')).toString());
  assert.equal(manifest.status, 'done');
  assert.ok(manifest.outputs.length > 0);
  for (const { key, versionId, bytes, width, height } of manifest.outputs) {
    const body = await read(key, versionId);
    const image = await sharp(body).metadata();
    assert.deepEqual([body.length, image.width, image.height], [bytes, width, height], key);
  }
  const { Contents = [] } = await clients.s3.send(
    new ListObjectsV2Command({ Bucket, Prefix: `${job.upload.key}/${job.recipe.name}/` }),
  );
  assert.deepEqual(
    Contents.map(({ Key }) => Key).sort(),
    [...manifest.outputs.map(({ key }) => key), job.manifestKey].sort(),
  );
  return `${manifest.outputs.length} outputs and the manifest`;
};
