import { readFile } from 'node:fs/promises';
import { type CollectionTag, isCollection, parse, type ScalarTag } from 'yaml';
import * as z from 'zod';

const resource = z.looseObject({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).default({}) });
const section = z.record(z.string(), z.unknown()).default({});
const resourcesFile = z.strictObject({
  Parameters: section,
  Conditions: section,
  Resources: z.record(z.string(), resource),
});

export type Resource = z.infer<typeof resource>;
export type Resources = z.infer<typeof resourcesFile>;

/** CloudFormation's short forms, read as the long ones. */
const tags = ['Ref', 'Sub', 'GetAtt', 'Not', 'Equals'].flatMap((name): (ScalarTag | CollectionTag)[] => {
  const long = name === 'Ref' ? name : `Fn::${name}`;
  return [
    { tag: `!${name}`, resolve: (text) => ({ [long]: text }) },
    { tag: `!${name}`, collection: 'seq', resolve: (list) => ({ [long]: isCollection(list) ? list.toJSON() : list }) },
  ];
});

/** A file of resources/ for the stage `dev`, with these params in the place of serverless.yml's. */
export const readResources = async (name: string, params: Readonly<Record<string, string>>): Promise<Resources> => {
  const text = await readFile(new URL(`../../../resources/${name}.yml`, import.meta.url), 'utf8');
  const resolved = text
    .replace(/\$\{(?:param:|self:custom\.)(\w+)(?:, '')?\}/g, (whole, param: string) => params[param] ?? whole)
    .replace(/\$\{sls:stage\}/g, 'dev');
  return resourcesFile.parse(parse(resolved, { customTags: tags }));
};
