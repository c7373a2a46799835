import { describe, expect, it } from 'vitest';
import { dockerfileInputs } from '../../../../deploy/images/dockerfile-inputs.ts';

const inputs = (text: string) => dockerfileInputs(text, 'containers/filter/Dockerfile');

describe('the inputs of a Dockerfile', () => {
  it('are what it copies out of the repository, not out of other stages', () => {
    const text = `
      # COPY not/this here
      FROM node AS modules
      COPY package.json package-lock.json ./
      FROM node
      COPY --from=modules /app/node_modules node_modules
      COPY --chown=1000:1000 --chmod=755 containers/filter ./containers/filter/
      copy core \\
        aws \\
        # a comment between
        /app/
      ADD ["recipes with spaces", "/app/"]`;
    expect(inputs(text)).toEqual([
      'aws',
      'containers/filter',
      'core',
      'package-lock.json',
      'package.json',
      'recipes with spaces',
    ]);
  });

  it('are everything below a wildcard, and the whole repository for a full stop', () => {
    expect(inputs('COPY containers/paint/*.c /src/')).toEqual(['containers/paint']);
    expect(inputs('COPY ./core/**/x.ts *.json /src/')).toEqual(['.', 'core']);
    expect(inputs('COPY . /src/')).toEqual(['.']);
  });

  it.each(['COPY $SOURCE /app', 'COPY <<END /app', 'ADD https://example.org/a /app', 'COPY alone'])(
    'refuse %s',
    (line) => {
      expect(() => inputs(line)).toThrow(/containers\/filter\/Dockerfile/);
    },
  );
});
