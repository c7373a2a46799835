import type { Template } from './finish-template.ts';

/** The part of osls (the Serverless Framework's open fork) that the plugin touches. */

export type OslsFunction = {
  name: string;
  memorySize?: number;
  environment?: Record<string, unknown>;
  events?: { sqs?: { maximumConcurrency?: number } }[];
};

/** serverless.yml, with its variables resolved. */
export type OslsService = {
  provider: {
    environment?: Record<string, unknown>;
    stackParameters?: { ParameterKey: string; ParameterValue: string }[];
    /** The whole template, once packaging has made it. */
    compiledCloudFormationTemplate?: Template;
    /** osls found neither the template nor an artifact changed. */
    shouldNotDeploy?: boolean;
  };
  custom?: { limits?: { lambda?: Record<string, unknown> } };
  functions: Record<string, OslsFunction>;
  resources?: { Resources?: Record<string, unknown>; Parameters?: Record<string, unknown> };
};

/** Credentials, region, proxy and certificates as the command line, the profile and the environment say. */
export type OslsClientConfig = { region: string };

export type OslsProvider = {
  getStage(): string;
  getRegion(): string;
  getAwsSdkV3Config(): Promise<OslsClientConfig>;
  naming: { getStackName(): string };
};

export type Osls = {
  service: OslsService;
  configurationInput: { params?: unknown };
  processedInput: { commands: string[]; options: Record<string, unknown> };
  getProvider(name: 'aws'): OslsProvider;
  classes: { Error: new (message: string, code: string, options?: { cause?: unknown }) => Error };
};

/** How a plugin writes: `log` to the terminal beside its progress, `writeText` what the command answers. */
export type OslsUtils = {
  log: { notice(text: string): void; warning(text: string): void; info(text: string): void };
  writeText(text: string): void;
};
