import { describe, expect, it } from 'vitest';
import { containerNames, readJobFile } from '../../../aws/job-file.ts';

describe('the folders of containers/', () => {
  it('have a job.yml each', async () => {
    const names = await containerNames();
    expect(names).toContain('filter');
    expect(names).toEqual([...names].sort());
    const files = await Promise.all(names.map(readJobFile));
    expect(files.map(({ name }) => name)).toEqual(names.map((name) => `kadam-${name}`));
  });

  it('are refused without one, with the way out', async () => {
    await expect(readJobFile('notes')).rejects.toMatchObject({
      name: 'ConfigurationError',
      code: 'InvalidJobFile',
      message: expect.stringMatching(
        /Expected containers\/notes\/job\.yml.*there is none.*Write one.*out of containers\//,
      ),
    });
  });
});
