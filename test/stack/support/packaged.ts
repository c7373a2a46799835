import { access, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inject } from 'vitest';
import { copyService, packageService } from './package-service.ts';
import { parseTemplate, type Template } from './template.ts';
import type { Variant } from './variants.ts';

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

/**
 * Does something once for all processes of a test run, and waits while another one does it: `work` fills the folder that
 * it is given. A failure is everybody's.
 */
const once = async (name: string, work: (folder: string) => Promise<void>): Promise<string> => {
  const folder = join(inject('stackFolder'), name);
  const failure = `${folder}.failed`;
  await mkdir(inject('stackFolder'), { recursive: true });
  try {
    await mkdir(`${folder}.lock`);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    while (!(await exists(folder))) {
      if (await exists(failure)) throw new Error(await readFile(failure, 'utf8'));
      await sleep(50);
    }
    return folder;
  }
  try {
    await work(`${folder}.part`);
    await rename(`${folder}.part`, folder);
  } catch (error) {
    await writeFile(failure, error instanceof Error ? error.message : String(error));
    throw error;
  }
  return folder;
};

/** The CloudFormation template of a variant, as `sls package` writes it. */
export const templateOf = async ({ name, params }: Variant): Promise<Template> => {
  const service = await once('service', (folder) => copyService(folder, { templateOnly: true }));
  const folder = await once(`template-${name}`, (target) => packageService(service, target, params));
  return parseTemplate(await readFile(join(folder, 'cloudformation-template-update-stack.json'), 'utf8'));
};

/** The folder with the archives of the functions, as `sls package` writes them for an architecture. */
export const artifactsOf = (architecture: 'arm64' | 'x86_64'): Promise<string> =>
  once(`artifacts-${architecture}`, async (target) => {
    const service = join(inject('stackFolder'), `service-${architecture}`);
    await copyService(service);
    await packageService(service, target, { architecture });
  });
