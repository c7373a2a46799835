import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { cloudNames } from '../local/cloud-environment.ts';
import { localLimits } from '../local/limits.ts';
import { credentials, region } from '../local/names.ts';
import { startCloud } from '../local/start-cloud.ts';
import { readableLine } from './readable-line.ts';
import { type CommandDeps, portNumber, positiveNumber, runCommand } from './run-command.ts';
import { defaultPort } from './with-deployment.ts';

const usage = `Usage: npm start -- [--port N] [--data DIR] [--lambda-limit-seconds N] [--quiet]

Keeps the embedded cloud running on 127.0.0.1: upload pictures with any S3 client, find the filtered ones in
${cloudNames.outputBucket}.

  --port N                   the endpoint's port (${defaultPort}; 0 takes a free one)
  --data DIR                 where everything is kept (.kadam/data)
  --lambda-limit-seconds N   the processing function's time-out (serverless.yml says 900): a short one shows both ways
  --quiet                    do not print what functions and containers log`;

const whatNext = (endpoint: string, dataDir: string, limit: number): string => `
Kadam's embedded cloud runs at ${endpoint}
Open that page to upload pictures and to see what becomes of them. Ctrl-C stops it.

  uploads go into     s3://${cloudNames.inputBucket}
  results come out of s3://${cloudNames.outputBucket}
  everything is in    ${dataDir}
  recipes are in      recipes/ (restart after a change)
  a function may run  ${limit} s; what would take longer runs on Batch

With any S3 client (the keys are ${credentials.accessKeyId} and ${credentials.secretAccessKey}), looking a few seconds later:
  export AWS_ENDPOINT_URL=${endpoint} AWS_ACCESS_KEY_ID=${credentials.accessKeyId} AWS_SECRET_ACCESS_KEY=${credentials.secretAccessKey} AWS_DEFAULT_REGION=${region}
  aws s3 cp photo.jpg s3://${cloudNames.inputBucket}/photo.jpg
  aws s3 ls --recursive s3://${cloudNames.outputBucket}/photo.jpg/
  npm run status -- photo.jpg${new URL(endpoint).port === defaultPort ? '' : ` --port ${new URL(endpoint).port}`}
`;

/** Runs the embedded cloud until it is asked to stop; answers the exit code. */
const start = async (deps: CommandDeps): Promise<number> => {
  const { values } = parseArgs({
    args: deps.arguments,
    options: {
      port: { type: 'string', default: defaultPort },
      data: { type: 'string', default: '.kadam/data' },
      'lambda-limit-seconds': { type: 'string' },
      quiet: { type: 'boolean' },
    },
  });
  const limits = await localLimits(positiveNumber('lambda-limit-seconds', values['lambda-limit-seconds']));
  const dataDir = resolve(values.data);
  const log = (line: string) => {
    const readable = values.quiet ? undefined : readableLine(line);
    if (readable !== undefined) deps.out(`${readable}\n`);
  };
  const cloud = await startCloud({ dataDir, limits, port: portNumber(values.port), log });
  deps.out(whatNext(cloud.endpoint, dataDir, limits.lambda.timeoutSeconds));

  await new Promise<void>((stop) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop());
  });
  deps.out('\nStopping. What was uploaded stays, and unfinished jobs go on at the next start.\n');
  await cloud.close();
  return 0;
};

await runCommand(start, usage);
