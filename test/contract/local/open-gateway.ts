import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Services, startGateway } from '../../../local/gateway.ts';
import type { LocalService } from '../../../local/service.ts';

/**
 * A gateway on a free port, and a data folder for what is put behind it; `stack` closes it all. `serve` has a service
 * closed before the gateway, `services` are those that it answers with, and `show` gives it a page.
 */
export const openGateway = async (stack: AsyncDisposableStack) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'kadam-gateway-'));
  stack.defer(() => rm(dataDir, { recursive: true, force: true }));
  const services: Services = {};
  let page: LocalService | undefined;
  const gateway = await startGateway({ services, fallback: (request, response) => page?.handle(request, response) });
  stack.defer(() => gateway.close());
  const serve = <Service extends LocalService>(service: Service): Service => {
    stack.defer(() => service.close());
    return service;
  };
  return {
    ...{ dataDir, services, serve },
    endpoint: gateway.endpoint,
    port: gateway.port,
    show: (service: LocalService) => {
      page = serve(service);
    },
  };
};
