import type { AwsClients } from '../aws-clients.ts';
import {
  concurrencyPort,
  instanceTypesPort,
  keyPort,
  lambdaMemoryPort,
  networkPort,
  regionPort,
  serviceLinkedRolesPort,
  vcpuQuotaPort,
} from './account-ports.ts';
import { checkEncryptionKey } from './encryption-key.ts';
import type { Check, Deployment } from './finding.ts';
import { checkImages, type ImagesPort } from './images.ts';
import { checkInputBucket } from './input-bucket.ts';
import { checkInstanceTypes } from './instance-types.ts';
import { checkLambdaConcurrency } from './lambda-concurrency.ts';
import { checkLambdaMemory } from './lambda-memory.ts';
import { checkNameClashes } from './name-clashes.ts';
import { checkNetwork } from './network.ts';
import { checkRegion } from './region.ts';
import { checkServiceLinkedRoles } from './service-linked-roles.ts';
import { inputBucketPort, namesPort, stackPort } from './stack-ports.ts';
import { checkStackState } from './stack-state.ts';
import { checkVcpuQuotas } from './vcpu-quotas.ts';

/** Everything that is looked at before a deployment, in the order in which it is shown. */
export const deploymentChecks = (deployment: Deployment, clients: AwsClients, images: ImagesPort): Check[] => [
  checkRegion(deployment, regionPort(clients)),
  checkStackState(deployment, stackPort(clients)),
  checkNameClashes(deployment, namesPort(clients)),
  checkLambdaMemory(deployment, lambdaMemoryPort(clients, deployment.params.prefix)),
  checkLambdaConcurrency(deployment, concurrencyPort(clients)),
  checkVcpuQuotas(deployment, vcpuQuotaPort(clients)),
  checkInstanceTypes(deployment, instanceTypesPort(clients)),
  checkServiceLinkedRoles(serviceLinkedRolesPort(clients)),
  checkInputBucket(deployment, inputBucketPort(clients)),
  checkNetwork(deployment, networkPort(clients)),
  checkEncryptionKey(deployment, keyPort(clients)),
  checkImages(deployment.stage, images),
];
