import { fileURLToPath } from 'node:url';
import { containerNames, readJobFile } from '../aws/job-file.ts';
import { ConfigurationError } from '../core/errors.ts';
import { type AwsClients, awsClients } from './aws-clients.ts';
import { deployedNames } from './deployed-names.ts';
import { findEngine } from './images/find-engine.ts';
import { ecrImageRegistry, type ImageRegistry } from './images/image-registry.ts';
import { type PlannedImage, planImages } from './images/plan-images.ts';
import { type PublishedImage, publishedDigests, publishImages } from './images/publish-images.ts';
import { runCommand } from './images/run-command.ts';
import type { Osls, OslsUtils } from './osls.ts';
import type { Params } from './params.ts';
import { identityPort } from './preflight/account-ports.ts';
import { deploymentChecks } from './preflight/checks.ts';
import { whoAmI } from './preflight/credentials.ts';
import type { Deployment, Finding } from './preflight/finding.ts';
import { runChecks } from './preflight/run-checks.ts';

/** The repository's root. */
const root = fileURLToPath(new URL('..', import.meta.url));

/** A deployment with the clients and images that its commands work with. */
export type Deployer = {
  deployment: Deployment;
  clients: AwsClients;
  /** Looks at everything that could be in a deployment's way; changes nothing. */
  preflight(): Promise<Finding[]>;
  /** Throws what `publishImages` throws. */
  publish(rebuild: boolean): Promise<PublishedImage[]>;
};

const lambdaMemory = (osls: Osls): number => {
  const memory = Number(osls.service.custom?.limits?.lambda?.memoryMiB);
  if (Number.isInteger(memory) && memory >= 128 && memory <= 10_240) return memory;
  throw new ConfigurationError(
    `Expected 128 to 10240 for custom.limits.lambda.memoryMiB but received '${memory}'. Change it in serverless.yml.`,
    { code: 'InvalidLimits' },
  );
};

/** Connects to the account of the command line's credentials. Throws ConfigurationError, `NoCredentials` among them. */
export const createDeployer = async (osls: Osls, params: Params, { log }: OslsUtils): Promise<Deployer> => {
  const provider = osls.getProvider('aws');
  const [stage, region] = [provider.getStage(), provider.getRegion()];
  const clients = awsClients(await provider.getAwsSdkV3Config());
  const { account, partition } = await whoAmI(identityPort(clients));
  const containers = await containerNames();
  const names = deployedNames({ prefix: params.prefix, stage, account, region, containers });
  const needs = await Promise.all(
    containers.map(async (container) => {
      const { vcpus, maxMemoryMiB } = await readJobFile(container);
      return { container, vcpus, memoryMiB: maxMemoryMiB };
    }),
  );
  const deployment: Deployment = {
    ...{ params, stage, region, account, partition, names },
    lambdaMemoryMiB: lambdaMemory(osls),
    containers: needs,
  };
  const registry: ImageRegistry = ecrImageRegistry(clients.ecr, params.kmsKeyArn, { service: 'kadam', stage });
  const plan = (): Promise<PlannedImage[]> =>
    planImages(root, containers, params.architecture, process.env.KADAM_BASE_IMAGE || undefined);
  return {
    deployment,
    clients,
    preflight: () =>
      runChecks(
        deploymentChecks(deployment, clients, {
          async missingImages() {
            const images = await plan();
            const digests = await publishedDigests(registry, stage, images);
            return images.map(({ container }) => container).filter((container) => digests.get(container) === undefined);
          },
          findEngine: () => findEngine(runCommand, process.env),
        }),
      ),
    publish: async (rebuild) =>
      publishImages(await plan(), stage, rebuild, {
        ...{ registry, root, run: runCommand, environment: process.env },
        say: (text) => log.notice(text),
        onLine: (line) => log.info(line),
        now: () => new Date(),
      }),
  };
};
