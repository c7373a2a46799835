type Resource = { Type: string; DependsOn?: string | string[] };
export type Template = { Resources: Record<string, Resource>; Parameters?: Record<string, { Default?: unknown }> };

/**
 * Takes back what Serverless adds of itself and linters object to: a function's dependency on its role, which its
 * reference to the role says already.
 */
export const finishTemplate = (template: Template): void => {
  for (const resource of Object.values(template.Resources)) {
    if (resource.Type !== 'AWS::Lambda::Function' || resource.DependsOn === undefined) continue;
    const others = [resource.DependsOn].flat().filter((name) => template.Resources[name]?.Type !== 'AWS::IAM::Role');
    if (others.length > 0) resource.DependsOn = others;
    else delete resource.DependsOn;
  }
};
