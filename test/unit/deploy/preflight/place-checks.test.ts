import { describe, expect, it } from 'vitest';
import { whoAmI } from '../../../../deploy/preflight/credentials.ts';
import { checkEncryptionKey } from '../../../../deploy/preflight/encryption-key.ts';
import { checkImages } from '../../../../deploy/preflight/images.ts';
import { type BucketFacts, checkInputBucket } from '../../../../deploy/preflight/input-bucket.ts';
import { checkNameClashes } from '../../../../deploy/preflight/name-clashes.ts';
import { checkNetwork, type Subnet } from '../../../../deploy/preflight/network.ts';
import { checkStackState } from '../../../../deploy/preflight/stack-state.ts';
import { testDeployment } from '../test-deployment.ts';

describe('credentials', () => {
  const failing = (name: string, message: string) =>
    whoAmI({ identity: () => Promise.reject(Object.assign(new Error(message), { name })) });

  it('that are missing, old or unknown are refused with what to do', async () => {
    await expect(failing('CredentialsProviderError', 'none')).rejects.toThrow(/aws sso login/);
    await expect(failing('ExpiredTokenException', 'The token has expired')).rejects.toThrow(/sign in again/);
    await expect(failing('InvalidClientTokenId', 'no')).rejects.toMatchObject({
      code: 'NoCredentials',
      message: expect.stringContaining('does not know this key pair'),
    });
  });
});

describe('the stack', () => {
  it.each([
    [undefined, 'ok'],
    ['CREATE_COMPLETE', 'ok'],
    ['UPDATE_COMPLETE', 'ok'],
    ['UPDATE_ROLLBACK_COMPLETE', 'ok'],
    ['IMPORT_COMPLETE', 'ok'],
    ['ROLLBACK_COMPLETE', 'refused'],
    ['ROLLBACK_FAILED', 'refused'],
    ['CREATE_FAILED', 'refused'],
    ['DELETE_FAILED', 'refused'],
    ['REVIEW_IN_PROGRESS', 'refused'],
    ['UPDATE_IN_PROGRESS', 'refused'],
    ['UPDATE_ROLLBACK_FAILED', 'refused'],
  ])('in %s is %s', async (status, result) => {
    const check = checkStackState(testDeployment(), { stackStatus: async () => status });
    expect(await check.look()).toMatchObject([{ status: result }]);
  });
});

describe('names', () => {
  const look = (ours: string[], taken: Record<string, 'taken' | 'foreign'>, params = {}) =>
    checkNameClashes(testDeployment(params), {
      stackResources: async () => new Set(ours),
      exists: async (_kind, name) => taken[name] ?? 'free',
    }).look();
  const output = 'kadam-dev-output-123456789012-eu-west-1';
  const input = 'kadam-dev-input-123456789012-eu-west-1';

  it("may be taken by the stack's own", async () => {
    const queue = 'arn:aws:batch:eu-west-1:123456789012:job-queue/kadam-dev-spot';
    expect(await look([output, queue], { [output]: 'taken', 'kadam-dev-spot': 'taken' })).toMatchObject([
      { status: 'ok' },
    ]);
  });

  it('that something else has are refused, each with its way out', async () => {
    expect(await look([], { [output]: 'foreign', 'kadam-dev-jobs': 'taken' })).toMatchObject([
      { status: 'refused', wayOut: 'choose another stage: --stage NAME' },
      { status: 'refused', wayOut: expect.stringContaining('aws dynamodb delete-table --table-name kadam-dev-jobs') },
    ]);
  });

  it('of an input bucket matter only where one is made', async () => {
    expect(await look([], { [input]: 'taken' })).toMatchObject([{ status: 'refused' }]);
    expect(await look([], { [input]: 'taken' }, { input: 'existing', inputBucket: 'pictures' })).toMatchObject([
      { status: 'ok' },
    ]);
  });
});

describe('an existing input bucket', () => {
  const facts: BucketFacts = { region: 'eu-west-1', versioning: true, eventBridge: true, notifications: {} };
  const look = (bucket: BucketFacts | 'foreign' | undefined) =>
    checkInputBucket(testDeployment({ input: 'existing', inputBucket: 'pictures' }), {
      bucket: async () => bucket,
    }).look();

  it('is fine with versioning and EventBridge in the same region', async () => {
    expect(await look(facts)).toMatchObject([{ status: 'ok' }]);
  });

  it('is refused where it is missing, closed or elsewhere', async () => {
    expect(await look(undefined)).toMatchObject([{ status: 'refused' }]);
    expect(await look('foreign')).toMatchObject([{ status: 'refused' }]);
    expect(await look({ ...facts, region: 'us-east-1' })).toMatchObject([
      { status: 'refused', wayOut: '--region us-east-1' },
    ]);
  });

  it('shows all that is missing at once', async () => {
    expect(await look({ ...facts, versioning: false, eventBridge: false })).toHaveLength(2);
  });

  it('is made to tell EventBridge by a command that keeps what it tells others', async () => {
    const notifications = { QueueConfigurations: [{ QueueArn: "arn:it's", Events: ['s3:ObjectCreated:*'] }] };
    const [finding] = await look({ ...facts, eventBridge: false, notifications });
    const [, quoted = ''] = /--notification-configuration (.*)$/.exec(finding?.wayOut ?? '') ?? [];
    expect(JSON.parse(quoted.slice(1, -1).replaceAll(`'\\''`, "'"))).toEqual({
      ...notifications,
      EventBridgeConfiguration: {},
    });
  });
});

describe('an existing network', () => {
  const params = { network: 'existing', vpcId: 'vpc-01234567', subnetIds: 'subnet-aaaaaaaa,subnet-bbbbbbbb' };
  const subnet = (id: string, zone: string, vpc = 'vpc-01234567'): Subnet => ({ id, zone, vpc });
  const look = (subnets: Subnet[], vpc = true) =>
    checkNetwork(testDeployment(params), { vpcExists: async () => vpc, subnets: async () => subnets }).look();
  const both = [subnet('subnet-aaaaaaaa', 'a'), subnet('subnet-bbbbbbbb', 'b')];

  it('is fine where VPC and subnets belong together', async () => {
    expect(await look(both)).toMatchObject([{ status: 'ok' }]);
  });

  it('of one zone is noted', async () => {
    expect(await look(both.map((entry) => ({ ...entry, zone: 'a' })))).toMatchObject([{ status: 'noted' }]);
  });

  it('is refused where something is missing, or of another VPC', async () => {
    expect(await look(both, false)).toMatchObject([{ status: 'refused', found: expect.stringContaining('no VPC') }]);
    expect(await look(both.slice(1))).toMatchObject([{ found: expect.stringContaining('subnet-aaaaaaaa') }]);
    expect(await look([...both.slice(1), subnet('subnet-aaaaaaaa', 'a', 'vpc-other')])).toMatchObject([
      { status: 'refused', found: 'subnet-aaaaaaaa belongs to vpc-other, not to vpc-01234567' },
    ]);
  });
});

describe('a key', () => {
  const look = (region: string, account: string, state: string | undefined = 'Enabled') => {
    const kmsKeyArn = `arn:aws:kms:${region}:${account}:key/0a1b`;
    return checkEncryptionKey(testDeployment({ encryption: 'kms', kmsKeyArn }), { keyState: async () => state }).look();
  };

  it('is of the same region', async () => {
    expect(await look('eu-west-1', '123456789012')).toMatchObject([{ status: 'ok' }]);
    expect(await look('us-east-1', '123456789012')).toMatchObject([{ status: 'refused' }]);
  });

  it.each(['PendingDeletion', 'Disabled'])('that is %s is refused', async (state) => {
    expect(await look('eu-west-1', '123456789012', state)).toMatchObject([
      { status: 'refused', found: `the key is ${state}` },
    ]);
  });

  it("of another account needs that account's word", async () => {
    expect(await look('eu-west-1', '210987654321')).toMatchObject([{ status: 'noted' }]);
  });
});

describe('images', () => {
  const engine = { command: 'podman', kind: 'podman', version: '5' } as const;

  it('that are all there need no engine', async () => {
    const findEngine = () => Promise.reject(new Error('nobody asks'));
    expect(await checkImages('dev', { missingImages: async () => [], findEngine }).look()).toMatchObject([
      { status: 'ok' },
    ]);
  });

  it('that are missing need one', async () => {
    const missingImages = async () => ['filter'];
    const found = await checkImages('dev', { missingImages, findEngine: async () => ({ engine }) }).look();
    expect(found).toMatchObject([{ status: 'ok', found: 'filter: to be built with podman 5' }]);
    const tried = [{ command: 'docker', problem: 'not installed' }];
    expect(await checkImages('dev', { missingImages, findEngine: async () => ({ tried }) }).look()).toMatchObject([
      { status: 'refused', wayOut: expect.stringContaining('npx sls images --stage dev') },
    ]);
  });
});
