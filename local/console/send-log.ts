import { stat } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { ServiceError } from '../json-protocol.ts';
import { sendFile } from './send.ts';

/** As Batch names the logs of its attempts: `kadam-filter/default/<job id>-<attempt>`. Nothing in it leads elsewhere. */
const streamName = /^[\w-]+\/default\/[0-9a-f-]{36}-\d+$/;

/** A log's end, which is what a person looks for. */
const shownBytes = 256 * 1024;

/** Streams the end of an attempt's log as text. Throws ServiceError `NoSuchLog`. */
export const sendLog = async (
  stream: string,
  logFile: (logStreamName: string) => string,
  response: ServerResponse,
): Promise<void> => {
  const noSuchLog = () =>
    new ServiceError('NoSuchLog', `Expected a log but there is none of the name '${stream}'.`, 404);
  if (!streamName.test(stream)) throw noSuchLog();
  const file = logFile(stream);
  const { size } = await stat(file).catch(() => {
    throw noSuchLog();
  });
  await sendFile(response, file, { 'Content-Type': 'text/plain; charset=utf-8' }, Math.max(0, size - shownBytes));
};
