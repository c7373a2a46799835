import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { executionName, jobId } from '../../../core/jobs/identity.ts';
import { anUpload } from '../../support/jobs.ts';

describe('jobId', () => {
  it('is the same for the same version and recipe, whatever else the event says', () => {
    expect(jobId(anUpload({ sequencer: '1' }), 'r')).toBe(jobId(anUpload({ sequencer: '2', etag: '"x"' }), 'r'));
  });

  it.each([
    ['bucket', jobId(anUpload({ bucket: 'other' }), 'r')],
    ['key', jobId(anUpload({ key: 'other' }), 'r')],
    ['version', jobId(anUpload({ versionId: 'other' }), 'r')],
    ['recipe', jobId(anUpload(), 'other')],
  ])('differs for another %s', (_name, id) => {
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(id).not.toBe(jobId(anUpload(), 'r'));
  });

  it('tells versions of an unversioned bucket apart by ETag and sequencer', () => {
    const upload = anUpload({ versionId: undefined, sequencer: '1' });
    expect(jobId(upload, 'r')).not.toBe(jobId({ ...upload, sequencer: '2' }, 'r'));
    expect(jobId(upload, 'r')).not.toBe(jobId({ ...upload, etag: '"2"' }, 'r'));
  });
});

describe('executionName', () => {
  it('begins with the key and ends with the identity and the attempt', () => {
    const id = 'a'.repeat(32);
    expect(executionName('holiday/été à la mer.jpg', id, 2)).toBe(`holiday-t-la-mer-jpg-${id}-2`);
    expect(executionName('写真', id, 1)).toBe(`key-${id}-1`);
  });

  it('keeps to what Step Functions allows, for any key', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.integer({ min: 1, max: 99 }), (key, attempt) => {
        expect(executionName(key, 'b'.repeat(32), attempt)).toMatch(/^[A-Za-z0-9-]{1,80}$/);
      }),
    );
  });
});
