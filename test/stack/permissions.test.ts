import { beforeAll, describe, expect, it } from 'vitest';
import { callsOf, readCalls } from './permissions/calls.ts';
import { type Calls, permissionFaults, programs } from './permissions/compare.ts';
import { templateOf } from './support/packaged.ts';
import { roleStatements } from './support/statements.ts';
import { at, listOf, resourcesOf, type Template } from './support/template.ts';
import { defaultVariant, variants } from './support/variants.ts';

let calls: Calls;
beforeAll(async () => {
  const [dispatch, process, settle, container] = await Promise.all([
    callsOf(programs.dispatch),
    callsOf(programs.process),
    callsOf(programs.settle),
    callsOf(programs.container),
  ]);
  calls = { dispatch, process, settle, container };
}, 60_000);

describe('the calls of a program', () => {
  it('are found with the file that they are in', () => {
    expect(calls.dispatch).toContainEqual({ file: 'aws/s3-input-store.ts', command: 'HeadObjectCommand' });
    expect(calls.process).toContainEqual({ file: 'aws/s3-output-store.ts', command: 'HeadObjectCommand' });
    expect(calls.container).toContainEqual({ file: 'aws/s3-multipart-write.ts', command: 'UploadPartCommand' });
    expect(calls.dispatch.map(({ file }) => file)).not.toContain('aws/s3-output-store.ts');
  });

  it('are read from the text of a bundle, once each, whatever number esbuild gives them', () => {
    const bundle =
      '// aws/a.ts\nnew GetItemCommand({});\nnew GetItemCommand({});\n// aws/b.ts\nsend(new GetItemCommand2(x))';
    expect(readCalls(bundle)).toEqual([
      { file: 'aws/a.ts', command: 'GetItemCommand' },
      { file: 'aws/b.ts', command: 'GetItemCommand' },
    ]);
  });
});

describe.each(variants)('what roles may do: $name', (variant) => {
  let template: Template;
  beforeAll(async () => {
    template = await templateOf(variant);
  }, 120_000);

  it('is what the calls of their parts ask for', () => {
    expect(permissionFaults(calls, template)).toEqual([]);
  });

  it('gets past the endpoints: no more and no less than what jobs ask of S3 and DynamoDB', () => {
    const asked = (service: string) =>
      roleStatements(template)
        .filter(({ owner }) => owner === 'JobRole')
        .flatMap(({ actions }) => actions.filter((action) => action.startsWith(`${service}:`)));
    for (const [id, service] of [['S3Endpoint', 's3'] as const, ['DynamoDbEndpoint', 'dynamodb'] as const]) {
      const endpoint = template.Resources[id];
      if (endpoint === undefined) continue;
      const statements = listOf(at(endpoint.Properties, 'PolicyDocument', 'Statement'));
      const passed = statements.flatMap((statement) => listOf(at(statement, 'Action')));
      expect(new Set(passed), id).toEqual(new Set(asked(service)));
    }
  });

  it('has an endpoint for every service where there is no way to the internet', () => {
    const endpoints = resourcesOf(template, 'AWS::EC2::VPCEndpoint').map(([, { ServiceName }]) =>
      String(at(ServiceName, 'Fn::Sub')).replace(/^com\.amazonaws\.\$\{AWS::Region\}\./, ''),
    );
    if (variant.params.network !== 'private') return;
    const services = roleStatements(template)
      .filter(({ owner }) => owner === 'JobRole' || owner === 'ExecutionRole')
      .flatMap(({ actions }) => actions.map((action) => action.split(':')[0] ?? ''))
      .flatMap((service) => (service === 'ecr' ? ['ecr.api', 'ecr.dkr'] : [service]))
      // The key is used by S3 and SQS themselves.
      .filter((service) => service !== 'kms');
    // The ECS agent's own three: ECS Developer Guide, 'Amazon ECS interface VPC endpoints'.
    expect(new Set(endpoints)).toEqual(new Set([...services, 'ecs', 'ecs-agent', 'ecs-telemetry']));
  });
});

describe('a role', () => {
  let template: Template;
  beforeAll(async () => {
    template = await templateOf(defaultVariant);
  }, 120_000);

  /** The default template with other words in one of its roles. */
  const withRole = (id: string, from: string, to: string): Template => {
    const role = template.Resources[id];
    if (role === undefined) throw new Error(`Expected a role ${id}.`);
    const text = JSON.stringify(role);
    expect(text).toContain(from);
    return { ...template, Resources: { ...template.Resources, [id]: JSON.parse(text.replace(from, to)) } };
  };
  const roles = [
    ['DispatchRole', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
    ['ProcessRole', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'],
    ['SettleRole', 'events:PutEvents', 'events:PutRule'],
    ['JobRole', 's3:GetObjectVersion', 's3:GetObjectAcl'],
    ['ExecutionRole', 'ecr:BatchGetImage', 'ecr:PutImage'],
    ['WorkflowRole', 'batch:TerminateJob', 'batch:CancelJob'],
  ] as const;

  it.each(roles)('%s that lacks %s, and has %s, is found out', (id, lacks, has) => {
    const faults = permissionFaults(calls, withRole(id, `"${lacks}"`, `"${has}"`)).join('\n');
    expect(faults).toContain(`${id} lacks ${lacks} on `);
    expect(faults).toContain(`${id} has ${has} on `);
  });

  it('that may do the right thing to the wrong one is found out', () => {
    const faults = permissionFaults(calls, withRole('DispatchRole', '"JobsTable"', '"OtherTable"')).join('\n');
    expect(faults).toContain('DispatchRole lacks dynamodb:GetItem on <JobsTable.Arn>');
    expect(faults).toContain('DispatchRole has dynamodb:GetItem on <OtherTable.Arn>, which nothing uses');
  });

  it('whose program makes one call less has one permission too many', () => {
    const fewer = { ...calls, settle: calls.settle.filter(({ command }) => command !== 'PutEventsCommand') };
    expect(permissionFaults(fewer, template).join('\n')).toContain('SettleRole has events:PutEvents on ');
  });

  it('of nobody is found out', () => {
    const stray = { ...template.Resources, Stray: structuredClone(template.Resources.ExecutionRole) };
    const resources = Object.fromEntries(Object.entries(stray).flatMap(([id, one]) => (one ? [[id, one]] : [])));
    expect(permissionFaults(calls, { ...template, Resources: resources }).join('\n')).toContain('Stray has ');
  });

  it('whose program makes a call that nobody has thought about is an error', () => {
    const more = {
      ...calls,
      settle: [...calls.settle, { file: 'aws/s3-output-store.ts', command: 'ListObjectsCommand' }],
    };
    expect(() => permissionFaults(more, template)).toThrow(/Expected ListObjectsCommand of aws\/s3-output-store\.ts/);
  });
});
