import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import partialBatchFailure from '@middy/sqs-partial-batch-failure';
import type { Context, SQSEvent, SQSRecord } from 'aws-lambda';
import { log, logger, reporting } from './log.ts';
import { middyOptions } from './middy-options.ts';

/**
 * The handler of a function that a queue feeds: handles the messages of a batch by themselves, each in a scope of the
 * log, and answers which of them failed and have to come again. `onFailure` hears of each of those.
 */
export const sqsHandler = (
  handle: (record: SQSRecord, context: Context) => Promise<void>,
  onFailure: () => void = () => {},
) =>
  middy<SQSEvent>(middyOptions)
    .use(injectLambdaContext(logger))
    // What fails is reported where it is known what it was about: by `reporting`, or, outside of any message, here.
    .use(partialBatchFailure({ logger: onFailure }))
    .onError(({ error }) => log.write('error', 'invocation failed', { error }))
    .handler((event: SQSEvent, context: Context) =>
      Promise.allSettled(
        event.Records.map((record) =>
          reporting('message', { messageId: record.messageId }, () => handle(record, context)),
        ),
      ),
    );
