/** The names on AWS that a deployment takes, beside those that CloudFormation makes up. */
export type DeployedNames = {
  stack: string;
  inputBucket: string;
  outputBucket: string;
  table: string;
  functions: string[];
  jobQueues: string[];
  stateMachine: string;
  /** The rule for executions that did not come to their own end. */
  failedExecutions: string;
  logGroups: string[];
  repositories: Record<string, string>;
  jobDefinitions: string[];
};

/** Where a deployment is, and what it consists of. */
export type DeploymentPlace = { prefix: string; stage: string; account: string; region: string; containers: string[] };

const functionNames = ['dispatch', 'process', 'settle'];

/** The names of a deployment's parts; `inputBucket` is that of a bucket of its own. */
export const deployedNames = ({ prefix, stage, account, region, containers }: DeploymentPlace): DeployedNames => {
  const functions = functionNames.map((name) => `${prefix}-${name}`);
  const stateMachine = `${prefix}-filter-image`;
  return {
    stack: prefix,
    inputBucket: `${prefix}-input-${account}-${region}`,
    outputBucket: `${prefix}-output-${account}-${region}`,
    table: `${prefix}-jobs`,
    functions,
    jobQueues: [`${prefix}-spot`, `${prefix}-on-demand`],
    stateMachine,
    failedExecutions: `${prefix}-failed-executions`,
    logGroups: [
      ...functions.map((name) => `/aws/lambda/${name}`),
      `/aws/batch/${prefix}`,
      `/aws/events/${prefix}-batch`,
      `/aws/vendedlogs/states/${stateMachine}`,
    ],
    repositories: Object.fromEntries(containers.map((name) => [name, repositoryName(stage, name)])),
    jobDefinitions: containers.map((name) => `${prefix}-${name}`),
  };
};

/** The ECR repository of a container's images. */
export const repositoryName = (stage: string, container: string): string => `kadam/${stage}/${container}`;
