import { setTimeout as wait } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { ConfigurationError, KadamError } from '../core/errors.ts';
import { checkSources } from './check-sources.ts';
import { createDeployer, type Deployer } from './deployer.ts';
import { extendService } from './extend-service.ts';
import { finishTemplate } from './finish-template.ts';
import { imageParameters, parametersDiffer, type StackParameter, setImageDefaults } from './image-parameters.ts';
import type { Osls, OslsUtils } from './osls.ts';
import { packagingEnvironment } from './packaging-environment.ts';
import { type Params, readParams } from './params.ts';
import { createServiceLinkedRole } from './preflight/account-ports.ts';
import { applyAdjustments } from './preflight/apply-adjustments.ts';
import type { Finding } from './preflight/finding.ts';
import { memoryWayOut } from './preflight/lambda-memory.ts';
import { preflightReport, refuseWhereFound } from './preflight/report.ts';
import { stackParameters } from './preflight/stack-ports.ts';
import { afterRemoval, beforeRemoval } from './remove/remove-deployment.ts';

const packaging = ['package', 'deploy', 'deploy function'];
const flag = (usage: string) => ({ usage, type: 'boolean' });
const rebuildImages = flag('Build every image anew, on the newest base images, though nothing else has changed');

/** What `sls` does for Kadam beyond CloudFormation. The hooks only wire; each step is a file of this folder. */
export class KadamPlugin {
  readonly commands = {
    preflight: { usage: 'Look at what could be in the way of a deployment', lifecycleEvents: ['preflight'] },
    images: {
      usage: 'Build and push the images of containers/* without a deployment',
      lifecycleEvents: ['images'],
      options: { 'rebuild-images': rebuildImages },
    },
    deploy: {
      options: {
        'rebuild-images': rebuildImages,
        'ignore-preflight': flag('Deploy although preflight refuses'),
      },
    },
    remove: { options: { 'empty-buckets': flag('Delete the buckets with every picture in them') } },
  };
  readonly hooks: Record<string, (error?: unknown) => Promise<void>>;
  readonly #osls: Osls;
  readonly #utils: OslsUtils;
  #deployer: Promise<Deployer> | undefined;
  #findings: Finding[] = [];
  #parameters: StackParameter[] = [];

  constructor(osls: Osls, _options: unknown, utils: OslsUtils) {
    this.#osls = osls;
    this.#utils = utils;
    const hooks: Record<string, () => Promise<void>> = {
      initialize: () => this.#prepare(),
      'preflight:preflight': async () => {
        await checkSources(this.#params());
        this.#report(await (await this.#connected()).preflight());
      },
      'images:images': () => this.#publish(),
      'before:aws:package:finalize:saveServiceState': async () => this.#finish(),
      'before:deploy:deploy': () => this.#beforeDeployment(),
      // Not earlier: the stack is created by a template of osls's own, which knows no parameters.
      'after:aws:deploy:deploy:createStack': async () => {
        const { provider } = osls.service;
        provider.stackParameters = [...(provider.stackParameters ?? []), ...this.#parameters];
      },
      'after:aws:deploy:deploy:checkForChanges': () => this.#deployNewImages(),
      'before:remove:remove': async () =>
        beforeRemoval(await this.#connected(), this.#has('empty-buckets'), { say: this.#say, wait }),
      'after:remove:remove': () => this.#afterRemoval(),
    };
    this.hooks = Object.fromEntries(Object.entries(hooks).map(([name, hook]) => [name, () => this.#readable(hook)]));
    this.hooks.error = async (error) => this.#explain(error);
  }

  readonly #say = (text: string): void => this.#utils.log.notice(text);

  #has(option: string): boolean {
    return this.#osls.processedInput.options[option] === true;
  }

  #params(): Params {
    const { param } = this.#osls.processedInput.options;
    const given = Array.isArray(param) ? param.map(String) : [];
    return readParams(this.#osls.getProvider('aws').getStage(), this.#osls.configurationInput.params, given);
  }

  #connected(): Promise<Deployer> {
    this.#deployer ??= createDeployer(this.#osls, this.#params(), this.#utils);
    return this.#deployer;
  }

  /** osls prints its own errors without a stack. */
  async #readable(hook: () => Promise<void>): Promise<void> {
    try {
      await hook();
    } catch (error) {
      if (!(error instanceof KadamError)) throw error;
      throw new this.#osls.classes.Error(error.message, error.code, { cause: error });
    }
  }

  async #prepare(): Promise<void> {
    const command = this.#osls.processedInput.commands.join(' ');
    if (!packaging.includes(command)) return;
    const params = this.#params();
    await checkSources(params);
    Object.assign(process.env, packagingEnvironment(params.architecture));
    if (command === 'deploy') {
      this.#findings = await (await this.#connected()).preflight();
      this.#adjust();
    }
    await extendService(this.#osls.service, params);
  }

  #report(findings: readonly Finding[]): void {
    const text = preflightReport(findings);
    this.#utils.writeText(process.stdout.isTTY ? text : stripVTControlCharacters(text));
    refuseWhereFound(findings);
  }

  #adjust(): void {
    try {
      this.#report(this.#findings);
    } catch (error) {
      if (!this.#has('ignore-preflight')) throw error;
      this.#utils.log.warning('Preflight refuses; --ignore-preflight deploys all the same.');
    }
    const adjustments = this.#findings.flatMap((finding) => finding.adjustments ?? []);
    const isPackaged = typeof this.#osls.processedInput.options.package === 'string';
    if (isPackaged && adjustments.some(({ kind }) => kind !== 'serviceLinkedRole')) {
      throw new ConfigurationError(
        'Expected a package that fits this account but preflight adjusts sizes, which a finished package cannot take. Deploy without --package.',
        { code: 'PackageDoesNotFit' },
      );
    }
    applyAdjustments(this.#osls.service, adjustments);
  }

  #finish(): void {
    const template = this.#osls.service.provider.compiledCloudFormationTemplate;
    if (template !== undefined) finishTemplate(template);
  }

  async #publish(): Promise<void> {
    const images = await (await this.#connected()).publish(this.#has('rebuild-images'));
    this.#parameters = imageParameters(images);
    for (const { container, uri, built } of images)
      this.#say(`${built ? 'Pushed' : 'Unchanged'}: ${container}, ${uri}`);
  }

  /** The first things that a deployment changes. */
  async #beforeDeployment(): Promise<void> {
    await this.#publish();
    const template = this.#osls.service.provider.compiledCloudFormationTemplate;
    if (template !== undefined) setImageDefaults(template, this.#parameters);
    const { clients } = await this.#connected();
    for (const adjustment of this.#findings.flatMap((finding) => finding.adjustments ?? [])) {
      if (adjustment.kind === 'serviceLinkedRole') await createServiceLinkedRole(clients, adjustment.service);
    }
  }

  async #deployNewImages(): Promise<void> {
    const { provider } = this.#osls.service;
    if (!provider.shouldNotDeploy) return;
    const { clients, deployment } = await this.#connected();
    const deployed = await stackParameters(clients, deployment.names.stack);
    if (parametersDiffer(this.#parameters, deployed)) provider.shouldNotDeploy = false;
  }

  async #afterRemoval(): Promise<void> {
    const stays = await afterRemoval(await this.#connected(), this.#has('empty-buckets'), this.#say);
    this.#say(`What stays:\n${stays.map((line) => `  ${line}`).join('\n')}`);
  }

  /** New accounts' cap on memory shows nowhere but in this error. */
  #explain(error: unknown): void {
    const [, cap] = /MemorySize.*?less than or equal to (\d+)/s.exec(error instanceof Error ? error.message : '') ?? [];
    if (cap === undefined) return;
    this.#utils.log.warning(
      `Lambda allows this account ${cap} MiB for a function. The deployment was rolled back; ${memoryWayOut(Number(cap))}.`,
    );
  }
}
