import {
  CreateRepositoryCommand,
  DescribeImagesCommand,
  DescribeRepositoriesCommand,
  type ECRClient,
  GetAuthorizationTokenCommand,
  PutLifecyclePolicyCommand,
} from '@aws-sdk/client-ecr';
import { answered } from '../../aws/answered.ts';
import { DependencyError } from '../../core/errors.ts';
import type { RegistryLogin } from './push-image.ts';

/** Where images are kept. Every method throws DependencyError where the registry fails. */
export type ImageRegistry = {
  /** The digest of the newest image of a repository with this tag, or with it and `-` in front of anything else. */
  digest(repository: string, tag: string): Promise<string | undefined>;
  /** Makes a repository where there is none; gives whether it did. */
  ensureRepository(repository: string): Promise<boolean>;
  /** `<account>.dkr.ecr.<region>.amazonaws.com/<repository>` */
  uri(repository: string): Promise<string>;
  login(): Promise<RegistryLogin>;
};

/**
 * How many images a repository keeps. Job definitions name images by digest and are kept by executions in flight, which
 * last some days at most: an image has to outlive this many changes of the container within that time.
 */
export const imagesKept = 20;

const lifecyclePolicy = JSON.stringify({
  rules: [
    {
      rulePriority: 1,
      description: `Keep the last ${imagesKept} images`,
      selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: imagesKept },
      action: { type: 'expire' },
    },
  ],
});

/** Amazon ECR: private, immutable tags, scanned on push, encrypted with ECR's own key or `kmsKeyArn`. */
export const ecrImageRegistry = (
  client: ECRClient,
  kmsKeyArn: string,
  tags: Readonly<Record<string, string>>,
): ImageRegistry => {
  const describe = async (repository: string): Promise<string | undefined> => {
    const answer = await answered(
      `ECR to describe ${repository}`,
      client.send(new DescribeRepositoriesCommand({ repositoryNames: [repository] })),
      ['RepositoryNotFoundException'],
    );
    return answer?.repositories?.[0]?.repositoryUri;
  };

  return {
    async digest(repository, tag) {
      let newest: { digest?: string; pushedAt: number } = { pushedAt: -1 };
      let nextToken: string | undefined;
      do {
        const answer = await answered(
          `ECR to list the images of ${repository}`,
          client.send(new DescribeImagesCommand({ repositoryName: repository, nextToken })),
          ['RepositoryNotFoundException'],
        );
        for (const { imageTags = [], imageDigest, imagePushedAt } of answer?.imageDetails ?? []) {
          const pushedAt = imagePushedAt?.getTime() ?? 0;
          const isTagged = imageTags.some((name) => name === tag || name.startsWith(`${tag}-`));
          if (isTagged && pushedAt > newest.pushedAt) newest = { digest: imageDigest, pushedAt };
        }
        nextToken = answer?.nextToken;
      } while (nextToken !== undefined);
      return newest.digest;
    },

    async ensureRepository(repository) {
      if ((await describe(repository)) !== undefined) return false;
      await answered(
        `ECR to create ${repository}`,
        client.send(
          new CreateRepositoryCommand({
            repositoryName: repository,
            imageTagMutability: 'IMMUTABLE',
            imageScanningConfiguration: { scanOnPush: true },
            encryptionConfiguration:
              kmsKeyArn === '' ? { encryptionType: 'AES256' } : { encryptionType: 'KMS', kmsKey: kmsKeyArn },
            tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
          }),
        ),
        // Made by another deployment meanwhile.
        ['RepositoryAlreadyExistsException'],
      );
      await answered(
        `ECR to set how many images ${repository} keeps`,
        client.send(
          new PutLifecyclePolicyCommand({ repositoryName: repository, lifecyclePolicyText: lifecyclePolicy }),
        ),
      );
      return true;
    },

    async uri(repository) {
      const uri = await describe(repository);
      if (uri !== undefined) return uri;
      throw new DependencyError(`Expected the repository ${repository} in ECR but it is not there. Try again.`, {
        code: 'ServiceFailed',
      });
    },

    async login() {
      const answer = await answered('ECR to give a login', client.send(new GetAuthorizationTokenCommand({})));
      const { authorizationToken = '', proxyEndpoint = '' } = answer?.authorizationData?.[0] ?? {};
      const [user = '', password = ''] = Buffer.from(authorizationToken, 'base64').toString('utf8').split(':');
      if (password !== '') return { registry: proxyEndpoint.replace(/^https?:\/\//, ''), user, password };
      throw new DependencyError('Expected ECR to give a user and a password but received neither. Try again.', {
        code: 'ServiceFailed',
      });
    },
  };
};
