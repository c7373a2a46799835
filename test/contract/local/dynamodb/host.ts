// An embedded DynamoDB in a process of its own, for the test that kills it.
import { createDynamoDb } from '../../../../local/dynamodb.ts';
import { startGateway } from '../../../../local/gateway.ts';

const dynamodb = createDynamoDb({ dataDir: process.argv[2] });
const { endpoint } = await startGateway({ services: { dynamodb } });
process.send?.(endpoint);
