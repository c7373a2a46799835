/** What stands in front of every name of a stage's deployment. */
export const prefixOf = (stage: string): string => `kadam-${stage}`;
