import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createS3 } from '../../../../local/s3/create-s3.ts';

// The child of streaming.test.ts: serves the folder it is given, tells its port, and its peak memory when asked.
const s3 = await createS3({ dataDir: process.argv[2] ?? '' });
await s3.createBucket('pictures');
const server = createServer((request, response) => s3.handle(request, response));
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('message', () => process.send?.({ peakKilobytes: process.resourceUsage().maxRSS }));
process.on('disconnect', () => process.exit());
