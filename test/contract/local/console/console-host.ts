// The console and the S3 that it uploads into in a process of their own, whose memory can be measured.
import { createConsole } from '../../../../local/console/create-console.ts';
import { type Services, startGateway } from '../../../../local/gateway.ts';
import { createS3 } from '../../../../local/s3/create-s3.ts';
import type { LocalService } from '../../../../local/service.ts';

const [dataDir = ''] = process.argv.slice(2);
const services: Services = {};
let page: LocalService | undefined;
const { endpoint, port } = await startGateway({
  services,
  fallback: (request, response) => page?.handle(request, response),
});
const s3 = await createS3({ dataDir });
await s3.createBucket('input', { versioning: true });
services.s3 = s3;
page = createConsole({
  ...{ endpoint, inputBucket: 'input', outputBucket: 'output', recipes: [], stateMachine: 'none' },
  jobs: { recent: async () => [], get: async () => undefined },
  logFile: (name) => name,
});
process.on('message', () => process.send?.({ peakKilobytes: process.resourceUsage().maxRSS }));
process.once('disconnect', () => process.exit());
process.send?.({ port });
