import { GetFunctionConfigurationCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { ConfigurationError } from '../core/errors.ts';
import { answered } from './answered.ts';
import { prefixOf } from './prefix-of.ts';
import { readSettings, type SettingName, type Settings } from './settings.ts';

/** A function's name in a deployment: as Serverless names them, by service, stage and function. */
export const functionName = (stage: string, name: 'dispatch' | 'process' | 'settle'): string =>
  `${prefixOf(stage)}-${name}`;

/** What commands need to know of a deployment; its dispatcher's environment says it. */
export const deploymentSettingNames = [
  'KADAM_INPUT_BUCKET',
  'KADAM_OUTPUT_BUCKET',
  'KADAM_JOBS_TABLE',
  'KADAM_UPLOADS_QUEUE_URL',
  'KADAM_WORK_QUEUE_URL',
  'KADAM_STATE_MACHINE_ARN',
  'KADAM_LEASE_SECONDS',
] as const satisfies readonly SettingName[];

export type DeploymentSettings = Settings<(typeof deploymentSettingNames)[number]>;

/**
 * Where everything of a deployment is. Throws ConfigurationError `NoSuchDeployment` where there is no dispatcher of this
 * stage, and what `readSettings` throws where it is another version's.
 */
export const readDeployment = async (client: LambdaClient, stage: string): Promise<DeploymentSettings> => {
  const FunctionName = functionName(stage, 'dispatch');
  const answer = await answered(
    `Lambda to describe ${FunctionName}`,
    client.send(new GetFunctionConfigurationCommand({ FunctionName })),
    ['ResourceNotFoundException'],
  );
  if (answer === undefined) {
    throw new ConfigurationError(
      `Expected a deployment of stage '${stage}' but there is no function ${FunctionName} in this account and region. ` +
        'Check --stage, the credentials and AWS_REGION, or deploy it.',
      { code: 'NoSuchDeployment' },
    );
  }
  return readSettings(answer.Environment?.Variables ?? {}, deploymentSettingNames);
};
