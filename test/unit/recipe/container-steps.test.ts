import { describe, expect, it } from 'vitest';
import { parseRecipe } from '../../../core/recipe/parse-recipe.ts';
import { readSidecar } from '../../../core/recipe/sidecar.ts';
import { stampFile, stampFilter } from '../../support/stamp-container.ts';

const containerFilters = [
  stampFilter(),
  stampFilter({ container: 'other', text: stampFile.replace('name: stamp', 'name: mould') }),
];
const parse = (text: string) => parseRecipe(text, { file: 'sample.yml', name: 'sample', containerFilters });
const outputs = 'outputs: [{ name: a, formats: [png] }]';

describe('a recipe that names a container’s filter', () => {
  it('has its options filled in, in its hash as well', () => {
    const { recipe, hash } = parse(`steps: [stamp]\n${outputs}`);
    expect(recipe.steps).toEqual([{ filter: 'stamp', options: { mode: 'invert', weight: 2 } }]);
    expect(parse(`steps: [{ stamp: { weight: 2 } }]\n${outputs}`).hash).toBe(hash);
    expect(parse(`steps: [{ stamp: { weight: 3 } }]\n${outputs}`).hash).not.toBe(hash);
  });

  it('has its options judged, and its name', () => {
    expect(() => parse(`steps: [{ stamp: { weigth: 3 } }]\n${outputs}`)).toThrow(
      `sample.yml: steps[0].stamp: expected only the keys 'mode', 'weight', got "weigth" (did you mean 'weight'?)`,
    );
    expect(() => parse(`steps: [{ stamp: { weight: 1000 } }]\n${outputs}`)).toThrow(
      'steps[0].stamp.weight: expected at most 100, got 1000',
    );
    expect(() => parse(`steps: [stmp]\n${outputs}`)).toThrow(`got "stmp" (did you mean 'stamp'?)`);
  });

  it('is refused where no container brings the filter', () => {
    const parseAlone = () =>
      parseRecipe(`steps: [stamp]\n${outputs}`, { file: 'sample.yml', name: 'sample', containerFilters: [] });
    expect(parseAlone).toThrow('steps[0]: expected a filter');
  });

  it('is refused with steps of two containers, wherever they are', () => {
    expect(() => parse('steps: [stamp]\noutputs: [{ name: a, formats: [png], steps: [flip, mould] }]')).toThrow(
      'outputs[0].steps[1]: expected steps of one container, got mould of other beside stamp of stamp ' +
        '(a job runs in one container: make two recipes)',
    );
  });

  it('is refused where it is to run on Lambda, not on Batch', () => {
    expect(() => parse(`steps: [stamp]\nrunOn: lambda\n${outputs}`)).toThrow(
      'runOn: expected batch with the step stamp of the container stamp, got "lambda"',
    );
    expect(parse(`steps: [stamp]\nrunOn: batch\n${outputs}`).recipe.runOn).toBe('batch');
  });

  it('is refused where an output that it has a part in keeps the metadata', () => {
    const kept = '{ name: kept, metadata: keep, formats: [png] }';
    const stamped = '{ name: stamped, steps: [stamp], formats: [png] }';
    expect(() => parse(`steps: [stamp]\noutputs: [${kept}]`)).toThrow(
      'outputs[0].metadata: expected strip with the step stamp, whose program hands on pixels alone, got "keep"',
    );
    expect(() => parse(`outputs: [${kept}, ${stamped.replace('steps', 'metadata: keep, steps')}]`)).toThrow(
      'outputs[1].metadata: expected strip',
    );
    expect(parse(`outputs: [${kept}, ${stamped}]`).recipe.outputs).toHaveLength(2);
  });

  it('may be an upload’s own', async () => {
    const readText = async (key: string) => (key.endsWith('.yml') ? `steps: [stamp]\n${outputs}` : undefined);
    expect((await readSidecar('a.png', readText, containerFilters)).recipe.steps[0]?.filter).toBe('stamp');
    await expect(readSidecar('a.png', readText, [])).rejects.toMatchObject({ code: 'InvalidSidecar' });
  });
});
