import { describe, expect, it } from 'vitest';
import { dispatchUpload } from '../../../core/use-cases/dispatch-upload.ts';
import { pngHeader } from '../../support/png-header.ts';
import { makeScene, type Scene } from '../../support/scene.ts';

const small = pngHeader(800, 600);
const ownRecipe = 'outputs: [{ name: own, steps: [resize: { width: 10 }], formats: [png] }]';

const dispatched = (scene: Scene, recipes: string, key = 'a.png') =>
  dispatchUpload(scene.input.put(key, small, { 'kadam-recipe': recipes }), scene.settings, scene.ports);

describe('an upload that asks for several recipes', () => {
  it('becomes a job and a manifest for each, and its header is read once', async () => {
    const scene = await makeScene();
    const { open } = scene.ports.input;
    let reads = 0;
    scene.ports.input.open = async (upload) => {
      const opened = await open(upload);
      if (opened === undefined) return undefined;
      const read = (offset: number, length: number) => {
        reads++;
        return opened.source.read(offset, length);
      };
      return { ...opened, source: { ...opened.source, read } };
    };
    const jobs = await dispatched(scene, 'web, thumbnail');
    expect(jobs.map(({ recipe, manifestKey }) => [recipe.name, manifestKey])).toEqual([
      ['web', 'a.png/web/manifest.json'],
      ['thumbnail', 'a.png/thumbnail/manifest.json'],
    ]);
    expect(new Set(jobs.map(({ id }) => id)).size).toBe(2);
    expect(scene.workQueue.sent.toSorted()).toEqual(jobs.map(({ id }) => id).toSorted());
    expect(reads).toBe(1);
  });

  it('rejects the one that does not exist and runs the others', async () => {
    const scene = await makeScene();
    const jobs = await dispatched(scene, 'web,thumbnial,');
    expect(jobs.map(({ decision, error }) => [decision.target, error?.code])).toEqual([
      ['lambda', undefined],
      ['reject', 'UnknownRecipe'],
      ['reject', 'UnknownRecipe'],
    ]);
    expect(jobs[1]?.error?.message).toContain("(did you mean 'thumbnail'?)");
  });

  it('takes more than eight for none', async () => {
    const jobs = await dispatched(await makeScene(), 'a,b,c,d,e,f,g,h,i');
    expect(jobs.map(({ error, manifestKey }) => [error?.code, manifestKey])).toEqual([
      ['UnknownRecipe', 'a.png/unknown-recipe/manifest.json'],
    ]);
  });

  it('still dispatches the others where one cannot be handed on', async () => {
    const scene = await makeScene();
    const { send } = scene.ports.workQueue;
    let calls = 0;
    scene.ports.workQueue.send = async (id) => {
      calls++;
      if (calls === 1) throw new Error('SQS is ill');
      await send(id);
    };
    await expect(dispatched(scene, 'web,thumbnail')).rejects.toThrow('SQS is ill');
    expect(scene.workQueue.sent).toHaveLength(1);
  });
});

describe('a sidecar', () => {
  it.each(['yml', 'json'])('is run as the recipe of the upload that asks for it: %s', async (extension) => {
    const scene = await makeScene();
    const text = extension === 'yml' ? ownRecipe : '{ "outputs": [{ "name": "own", "formats": ["png"] }] }';
    const sidecar = scene.input.put(`a.png.kadam.${extension}`, Buffer.from(text));
    expect(await dispatchUpload(sidecar, scene.settings, scene.ports)).toEqual([]);
    const [job] = await dispatched(scene, 'sidecar');
    expect(job).toMatchObject({
      decision: { target: 'lambda' },
      recipe: { name: 'sidecar' },
      manifestKey: 'a.png/sidecar/manifest.json',
    });
    const stored = await scene.ports.recipes.load(job?.recipe.hash ?? '');
    expect(stored?.recipe.outputs.map(({ name }) => name)).toEqual(['own']);
  });

  it('is a job of its own beside a named recipe, and another one once it has changed', async () => {
    const scene = await makeScene();
    scene.input.put('a.png.kadam.yml', Buffer.from(ownRecipe));
    const first = await dispatched(scene, 'web,sidecar');
    expect(first.map(({ recipe }) => recipe.name)).toEqual(['web', 'sidecar']);
    scene.input.put('a.png.kadam.yml', Buffer.from(ownRecipe.replace('10', '11')));
    const [changed] = await dispatched(scene, 'sidecar');
    expect(changed?.recipe.hash).not.toBe(first[1]?.recipe.hash);
  });

  it('is not read where nobody asks for it', async () => {
    const scene = await makeScene();
    scene.input.put('a.png.kadam.yml', Buffer.from('nonsense: ['));
    const job = await scene.dispatch(scene.input.put('a.png', small));
    expect(job).toMatchObject({ recipe: { name: 'web' }, decision: { target: 'lambda' } });
  });

  it.each([
    ['is not there', {}, 'NoSidecar', 'a.png.kadam.yml or a.png.kadam.json'],
    ['is there twice', { yml: ownRecipe, json: '{}' }, 'TwoSidecars', 'Delete one'],
    [
      'is no recipe',
      { yml: 'outputs: [{ name: a, steps: [sharpn], formats: [png] }]' },
      'InvalidSidecar',
      "a.png.kadam.yml: outputs[0].steps[0]: expected a filter ('autoOrient'",
    ],
    ['is no YAML', { yml: 'outputs: [' }, 'InvalidSidecar', 'expected valid YAML'],
    ['is too long', { yml: `# ${'x'.repeat(32 * 1024)}` }, 'InvalidSidecar', 'expected at most 32768 bytes'],
    [
      'is too deep',
      { json: `{"outputs": ${'['.repeat(40)}${']'.repeat(40)}}` },
      'InvalidSidecar',
      'expected at most 16 levels',
    ],
    [
      'has too many outputs',
      {
        json: JSON.stringify({ outputs: Array.from({ length: 33 }, (_, i) => ({ name: `o${i}`, formats: ['png'] })) }),
      },
      'InvalidSidecar',
      'outputs: expected at most 32 entries, got 33',
    ],
    [
      'writes too many files',
      {
        json: JSON.stringify({
          outputs: Array.from({ length: 22 }, (_, i) => ({ name: `o${i}`, formats: ['png', 'jpeg', 'webp'] })),
        }),
      },
      'InvalidSidecar',
      'outputs: expected at most 64 files of all outputs together, got 66',
    ],
    [
      'has too many steps',
      { json: JSON.stringify({ steps: Array(17).fill('sharpen'), outputs: [{ name: 'o', formats: ['png'] }] }) },
      'InvalidSidecar',
      'steps: expected at most 16 entries, got 17',
    ],
  ])('that %s rejects the upload and says why', async (_, files: Record<string, string>, code, because) => {
    const scene = await makeScene();
    for (const [extension, text] of Object.entries(files)) {
      scene.input.put(`a.png.kadam.${extension}`, Buffer.from(text));
    }
    const [job] = await dispatched(scene, 'sidecar');
    expect(job).toMatchObject({ decision: { target: 'reject' }, manifestKey: 'a.png/sidecar/manifest.json' });
    expect(job?.error).toMatchObject({ code, message: expect.stringContaining(because) });
  });

  it('is refused where its work fits nothing', async () => {
    const scene = await makeScene();
    scene.input.put(
      'a.png.kadam.yml',
      Buffer.from('runOn: lambda\noutputs: [{ name: a, formats: [avif: { effort: 9 }] }]'),
    );
    const upload = scene.input.put('a.png', pngHeader(8000, 6000), { 'kadam-recipe': 'sidecar' });
    const [job] = await dispatchUpload(upload, scene.settings, scene.ports);
    expect(job).toMatchObject({ decision: { target: 'reject' }, error: { code: 'PinnedTooSmall' } });
  });
});
