import { startGateway } from '../../../../local/gateway.ts';
import { createS3 } from '../../../../local/s3/create-s3.ts';

// A child process: serves the folder it is given, tells its port, and its peak memory when asked.
const s3 = await createS3({ dataDir: process.argv[2] ?? '' });
await s3.createBucket('pictures');
const { port } = await startGateway({ services: { s3 } });
process.send?.({ port });
process.on('message', () => process.send?.({ peakKilobytes: process.resourceUsage().maxRSS }));
process.on('disconnect', () => process.exit());
