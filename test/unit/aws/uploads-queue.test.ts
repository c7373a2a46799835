import { describe, expect, it } from 'vitest';
import { announcedBy } from '../../../aws/uploads-queue.ts';

const upload = { bucket: 'in', key: 'früh am See.jpg', versionId: 'v1', etag: '"1"', bytes: 10 };
const message = (reprocess: unknown) => JSON.stringify({ reprocess });

describe('announcedBy', () => {
  it("reads a person's wish to reprocess an upload", () => {
    expect(announcedBy(message({ request: 'r1', recipes: 'web,archive', upload }))).toEqual({
      uploads: [upload],
      again: { request: 'r1', recipes: 'web,archive' },
    });
    expect(announcedBy(message({ request: 'r1', upload }))).toEqual({ uploads: [upload], again: { request: 'r1' } });
  });

  it('reads an S3 event, which is no wish', () => {
    const object = { key: 'a+b.jpg', size: 3, eTag: 'x', versionId: 'v', sequencer: '1' };
    const record = { eventVersion: '2.3', eventName: 'ObjectCreated:Put', s3: { bucket: { name: 'in' }, object } };
    const { uploads, again } = announcedBy(JSON.stringify({ Records: [record] }));
    expect(uploads).toMatchObject([{ bucket: 'in', key: 'a b.jpg', versionId: 'v' }]);
    expect(again).toBeUndefined();
  });

  it.each([
    ['a wish without a name', message({ upload })],
    ['a wish without an upload', message({ request: 'r1' })],
    ['a wish with more than it may have', message({ request: 'r1', upload, sudo: true })],
    ['an upload of no size', message({ request: 'r1', upload: { ...upload, bytes: undefined } })],
    ['no JSON', 'hello'],
  ])('refuses %s', (_, body) => {
    expect(() => announcedBy(body)).toThrow(expect.objectContaining({ code: 'NotAnS3Event' }));
  });
});
