import type { Template } from './finish-template.ts';
import type { PublishedImage } from './images/publish-images.ts';
import { imageParameter } from './job-definitions.ts';

/** A parameter of a stack, as CloudFormation takes it. */
export type StackParameter = { ParameterKey: string; ParameterValue: string };

/** The stack's parameters that name the images by their digests. */
export const imageParameters = (images: readonly PublishedImage[]): StackParameter[] =>
  images.map(({ container, uri }) => ({ ParameterKey: imageParameter(container), ParameterValue: uri }));

/**
 * Makes the images the defaults of the template's parameters as well: `sls rollback` gives no parameters, and goes back to
 * this template with its own images then.
 */
export const setImageDefaults = ({ Parameters = {} }: Template, images: readonly StackParameter[]): void => {
  for (const { ParameterKey, ParameterValue } of images) {
    const parameter = Parameters[ParameterKey];
    if (parameter !== undefined) parameter.Default = ParameterValue;
  }
};

/** Whether a stack runs with other values than these; osls looks at the template and the artifacts alone. */
export const parametersDiffer = (
  wanted: readonly StackParameter[],
  deployed: readonly Partial<StackParameter>[],
): boolean => {
  const values = new Map(deployed.map(({ ParameterKey, ParameterValue }) => [ParameterKey, ParameterValue]));
  return wanted.some(({ ParameterKey, ParameterValue }) => values.get(ParameterKey) !== ParameterValue);
};
