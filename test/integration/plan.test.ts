import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pngHeader } from '../support/png-header.ts';
import { runCli } from '../support/run-cli.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kadam-test-'));
  await writeFile(join(folder, 'small.png'), pngHeader(800, 600));
  await writeFile(join(folder, 'other.png'), 'no picture');
});
afterAll(() => rm(folder, { recursive: true }));

const plan = async (workload: string, ...words: string[]) => {
  const path = join(folder, 'workload.csv');
  await writeFile(path, workload);
  // As npm tells a script where it was typed.
  return runCli('plan', [path, ...words], { cwd: folder, environment: { INIT_CWD: folder } });
};

describe('npm run plan', () => {
  it('plans samples beside the workload file, as JSON', async () => {
    const { code, stdout } = await plan('count,files,recipe\n100,*.png,thumbnail', '--json');
    expect(code).toBe(0);
    const { rows } = JSON.parse(stdout);
    expect(rows).toMatchObject([
      {
        chosen: { lambda: 50, batch: 0, reject: 50 },
        cases: [
          { what: 'other.png', target: 'reject', reasons: [expect.stringMatching(/received a text file/)] },
          { what: 'small.png', target: 'lambda' },
        ],
      },
    ]);
    expect(rows[0].dollars).toBeGreaterThan(0);
  });

  it.skipIf(process.platform === 'win32')('reads more samples than a process may have open files', async () => {
    await mkdir(join(folder, 'many'));
    const names = Array.from({ length: 300 }, (_, index) => `many/${index}.png`);
    await Promise.all(names.map((name) => writeFile(join(folder, name), pngHeader(800, 600))));
    const path = join(folder, 'many.csv');
    await writeFile(path, 'count,files,recipe\n300,many/*.png,thumbnail');
    const { code, stdout, stderr } = await runCli('plan', [path, '--json'], { cwd: folder, openFiles: 128 });
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(JSON.parse(stdout).rows).toMatchObject([{ chosen: { lambda: 300, batch: 0, reject: 0 } }]);
  });

  it('takes own prices', async () => {
    await writeFile(join(folder, 'own.yml'), 'name: free storage\ndollars: { s3GbMonth: 0 }');
    const { stdout, stderr } = await plan('count,format,width,height,recipe\n1,png,800,600,web', '--prices', 'own.yml');
    expect(stderr).toBe('');
    expect(stdout).toMatch(/at free storage/);
    expect(stdout).toMatch(/\$0\.00 a month in S3 Standard/);
  });

  it('names every fault of a broken file, without a stack', async () => {
    const { code, stderr, stdout } = await plan('count,format,width,height,recipe\nmany,png,8,6,web\n1,bmp,8,6,web');
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/line 2, column count: expected a whole number above 0, got 'many'/);
    expect(stderr).toMatch(/line 3, column format/);
    expect(stderr).not.toMatch(/at .*\.ts:/);
  });

  it('says where samples were looked for', async () => {
    const { code, stderr } = await plan('count,files,recipe\n1,nowhere/*.jpg,web');
    expect(code).toBe(1);
    expect(stderr).toMatch(/nowhere\/\*\.jpg' \(line 2, column files\)/);
  });
});
