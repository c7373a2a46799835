import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import * as z from 'zod';

const listening = z.object({ port: z.number() });
const peak = z.object({ peakKilobytes: z.number() });

/** The embedded S3 behind the gateway in a process of its own, whose memory can be asked for. */
export const startEndpoint = async (dataDir: string) => {
  const server = join(import.meta.dirname, '../contract/local/s3/streaming-server.ts');
  const child: ChildProcess = fork(server, [dataDir]);
  const next = async <T>(schema: z.ZodType<T>): Promise<T> => {
    const [message] = await once(child, 'message');
    return schema.parse(message);
  };
  const { port } = await next(listening);
  return {
    endpoint: `http://127.0.0.1:${port}`,
    /** The most memory that the process has had so far, in MB. */
    async peakMB(): Promise<number> {
      child.send('peak');
      return ((await next(peak)).peakKilobytes * 1024) / 1e6;
    },
    async close(): Promise<void> {
      const gone = once(child, 'exit');
      child.disconnect();
      await gone;
    },
  };
};
