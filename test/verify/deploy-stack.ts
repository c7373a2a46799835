import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { paginateListStackResources } from '@aws-sdk/client-cloudformation';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SQSClient } from '@aws-sdk/client-sqs';
import { containerNames } from '../../aws/job-file.ts';
import { awsClients } from '../../deploy/aws-clients.ts';
import { deployedNames } from '../../deploy/deployed-names.ts';
import { credentials, region } from '../../local/names.ts';
import { parseTemplate, type Template } from '../stack/support/template.ts';

/** moto's account. */
export const account = '123456789012';
export const stage = 'verify';
export const prefix = `kadam-${stage}`;

/** A deployment on the emulator: its names, and clients to look at it with. */
export const openStack = async (endpoint: string) => {
  const config = { region, endpoint, credentials };
  const clients = {
    ...awsClients(config, { AWS_ENDPOINT_URL: endpoint }),
    sqs: new SQSClient(config),
    events: new EventBridgeClient(config),
  };
  const containers = await containerNames();
  const names = deployedNames({ prefix, stage, account, region, containers });
  return {
    clients,
    containers,
    names,
    arn: (service: string, rest: string): string => `arn:aws:${service}:${region}:${account}:${rest}`,
    queueUrl: (name: string): string => `${endpoint}/${account}/${prefix}-${name}`,
    /** The physical ids of what there is, by logical id. */
    async resources(): Promise<Map<string, string>> {
      const found = new Map<string, string>();
      for await (const page of paginateListStackResources({ client: clients.cloudFormation }, { StackName: prefix })) {
        for (const { LogicalResourceId, PhysicalResourceId } of page.StackResourceSummaries ?? [])
          if (LogicalResourceId && PhysicalResourceId) found.set(LogicalResourceId, PhysicalResourceId);
      }
      return found;
    },
    close() {
      for (const client of Object.values(clients)) client.destroy();
    },
  };
};

export type Stack = Awaited<ReturnType<typeof openStack>>;

/** The template that was deployed from a folder last. */
export const deployedTemplate = async (folder: string): Promise<Template> =>
  parseTemplate(await readFile(join(folder, '.serverless/cloudformation-template-update-stack.json'), 'utf8'));
