import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ConditionalCheckFailedException,
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { afterEach, describe, expect, it } from 'vitest';
import { createDynamoDb } from '../../../local/dynamodb.ts';
import { startGateway } from '../../../local/gateway.ts';
import { credentials, region } from '../../../local/names.ts';

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** Creates the table and waits until it can be used. */
const makeTable = async (client: DynamoDBClient): Promise<void> => {
  await client.send(createTable);
  await waitUntilTableExists({ client, maxWaitTime: 10, minDelay: 1, maxDelay: 1 }, { TableName: 'jobs' });
};

const createTable = new CreateTableCommand({
  TableName: 'jobs',
  AttributeDefinitions: [
    { AttributeName: 'id', AttributeType: 'S' },
    { AttributeName: 'owner', AttributeType: 'S' },
    { AttributeName: 'expires', AttributeType: 'N' },
  ],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  BillingMode: 'PAY_PER_REQUEST',
  GlobalSecondaryIndexes: [
    {
      IndexName: 'by-expiry',
      KeySchema: [
        { AttributeName: 'owner', KeyType: 'HASH' },
        { AttributeName: 'expires', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
});

const startCloud = async (dataDir?: string) => {
  const dynamodb = createDynamoDb({ dataDir });
  const gateway = await startGateway({ services: { dynamodb } });
  const client = new DynamoDBClient({ endpoint: gateway.endpoint, region, credentials });
  let open = true;
  const close = async () => {
    if (!open) return;
    open = false;
    client.destroy();
    await gateway.close();
    await dynamodb.close();
  };
  cleanUps.push(close);
  return { ...gateway, client, close };
};

const temporaryFolder = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kadam-dynamodb-'));
  cleanUps.push(() => rm(folder, { recursive: true }));
  return folder;
};

const get = (id: string) => new GetItemCommand({ TableName: 'jobs', Key: { id: { S: id } }, ConsistentRead: true });

describe('createDynamoDb', () => {
  it('has an active table at once, and writes only where the condition holds', async () => {
    const { client } = await startCloud();
    await makeTable(client);
    const { Table } = await client.send(new DescribeTableCommand({ TableName: 'jobs' }));
    expect(Table?.TableStatus).toBe('ACTIVE');

    const claim = (owner: string) =>
      new PutItemCommand({
        TableName: 'jobs',
        Item: { id: { S: 'a' }, owner: { S: owner } },
        ConditionExpression: 'attribute_not_exists(id)',
      });
    await client.send(claim('first'));
    await expect(client.send(claim('second'))).rejects.toThrow(ConditionalCheckFailedException);

    const renew = (owner: string) =>
      new UpdateItemCommand({
        TableName: 'jobs',
        Key: { id: { S: 'a' } },
        UpdateExpression: 'SET expires = :expires ADD attempt :one',
        ConditionExpression: '#owner = :owner',
        ExpressionAttributeNames: { '#owner': 'owner' },
        ExpressionAttributeValues: { ':expires': { N: '9' }, ':one': { N: '1' }, ':owner': { S: owner } },
      });
    await client.send(renew('first'));
    await expect(client.send(renew('second'))).rejects.toThrow(ConditionalCheckFailedException);
    const { Item } = await client.send(get('a'));
    expect(Item).toEqual({ id: { S: 'a' }, owner: { S: 'first' }, expires: { N: '9' }, attempt: { N: '1' } });
  });

  it('lets one of many simultaneous claims win', async () => {
    const { client } = await startCloud();
    await makeTable(client);
    const claims = Array.from({ length: 50 }, (_, index) =>
      client.send(
        new PutItemCommand({
          TableName: 'jobs',
          Item: { id: { S: 'a' }, owner: { S: String(index) } },
          ConditionExpression: 'attribute_not_exists(id)',
        }),
      ),
    );
    const outcomes = await Promise.allSettled(claims);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('queries a sparse index in order', async () => {
    const { client } = await startCloud();
    await makeTable(client);
    for (const expires of ['30', '7', '200', undefined]) {
      const Item = { id: { S: `expires-${expires}` }, owner: { S: 'lease' } };
      await client.send(
        new PutItemCommand({
          TableName: 'jobs',
          Item: expires === undefined ? Item : { ...Item, expires: { N: expires } },
        }),
      );
    }
    const { Items } = await client.send(
      new QueryCommand({
        TableName: 'jobs',
        IndexName: 'by-expiry',
        KeyConditionExpression: '#owner = :owner AND expires < :now',
        ExpressionAttributeNames: { '#owner': 'owner' },
        ExpressionAttributeValues: { ':owner': { S: 'lease' }, ':now': { N: '100' } },
      }),
    );
    expect(Items?.map((item) => item.expires?.N)).toEqual(['7', '30']);
  });

  it('keeps its items over a reopening', async () => {
    const folder = await temporaryFolder();
    const before = await startCloud(folder);
    await makeTable(before.client);
    await before.client.send(new PutItemCommand({ TableName: 'jobs', Item: { id: { S: 'kept' } } }));
    await before.close();
    const after = await startCloud(folder);
    expect((await after.client.send(get('kept'))).Item).toEqual({ id: { S: 'kept' } });
  });

  it('keeps what it acknowledged when its process is killed', async () => {
    const folder = await temporaryFolder();
    const host = fork(join(import.meta.dirname, 'dynamodb/host.ts'), [folder], { execArgv: [] });
    const exited = once(host, 'exit');
    cleanUps.push(async () => host.kill('SIGKILL'));
    const [endpoint] = await once(host, 'message');
    const client = new DynamoDBClient({ endpoint: String(endpoint), region, credentials });
    cleanUps.push(async () => client.destroy());
    await makeTable(client);
    for (let index = 0; index < 100; index++) {
      await client.send(new PutItemCommand({ TableName: 'jobs', Item: { id: { S: String(index) } } }));
    }
    host.kill('SIGKILL');
    await exited;
    const after = await startCloud(folder);
    for (let index = 0; index < 100; index++) {
      expect((await after.client.send(get(String(index)))).Item).toEqual({ id: { S: String(index) } });
    }
  });

  it('refuses more than 16 MiB', async () => {
    const { client } = await startCloud();
    const Item = { id: { S: 'x'.repeat(16 * 1024 * 1024) } };
    await expect(client.send(new PutItemCommand({ TableName: 'jobs', Item }))).rejects.toMatchObject({
      name: 'RequestTooLargeException',
      $metadata: { httpStatusCode: 413 },
    });
  });

  it('survives a client that hangs up in the middle of a request', async () => {
    const { client, port } = await startCloud();
    await makeTable(client);
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const authorization = 'AWS4-HMAC-SHA256 Credential=kadam/20260101/us-east-1/dynamodb/aws4_request';
    socket.write(
      `POST / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: ${authorization}\r\n` +
        'X-Amz-Target: DynamoDB_20120810.PutItem\r\nContent-Length: 99\r\n\r\n{"Table',
    );
    await client.send(get('while it waits'));
    socket.resetAndDestroy();
    expect((await client.send(get('afterwards'))).Item).toBeUndefined();
  });
});
