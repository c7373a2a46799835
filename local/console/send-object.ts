import type { ServerResponse } from 'node:http';
import { extname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { sendHead } from './send.ts';

/** Types that browsers show and that carry no script: SVG does, and TIFF is not shown. */
const pictureTypes = ['image/jpeg', 'image/png', 'image/webp', 'image/avif', 'image/gif'];

/** What an upload without a type of its own may be taken for by its name; `nosniff` makes it no more than a picture. */
const typeByExtension: Record<string, string> = {
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.avif': 'image/avif',
  '.gif': 'image/gif',
};

/** Whether browsers show a picture of this type. */
export const isShown = (contentType: string): boolean => pictureTypes.includes(contentType);

/**
 * Streams an object to a browser. It is a stranger's: known pictures and JSON, as plain text, are shown, in a sandbox;
 * everything else is a download. Rejects as the S3 client does.
 */
export const sendObject = async (
  s3: S3Client,
  { bucket, key, versionId }: { bucket: string; key: string; versionId?: string },
  response: ServerResponse,
): Promise<void> => {
  const object = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }));
  const shown = shownAs(key, object.ContentType);
  sendHead(response, 200, {
    'Content-Type': shown ?? 'application/octet-stream',
    'Content-Disposition': `${shown === undefined ? 'attachment' : 'inline'}; filename*=UTF-8''${fileName(key)}`,
    'Content-Length': object.ContentLength,
  });
  if (object.Body instanceof Readable) await pipeline(object.Body, response);
  else response.end();
};

const shownAs = (key: string, contentType: string | undefined): string | undefined => {
  if (contentType === 'application/json') return 'text/plain; charset=utf-8';
  if (contentType !== undefined && isShown(contentType)) return contentType;
  const isGeneric = contentType === undefined || contentType.endsWith('/octet-stream');
  return isGeneric ? typeByExtension[extname(key).toLowerCase()] : undefined;
};

/** The key's last part, as RFC 8187 writes it in headers. */
const fileName = (key: string): string =>
  encodeURIComponent(key.split('/').at(-1) || 'object').replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
