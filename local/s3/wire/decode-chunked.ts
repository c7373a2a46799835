import { S3Error } from '../s3-error.ts';
import type { SignedBody } from './authenticate.ts';

// A size with its signature, or a trailer, takes some hundred bytes.
const maximumLineLength = 8192;

/**
 * Decodes `aws-chunked` (S3 API, 'Signature calculations: transferring a payload in multiple chunks'), signed or not:
 * `<hex size>[;chunk-signature=...] CRLF <data> CRLF ... 0 CRLF [<name>:<value> CRLF]* CRLF`. Yields the data as it
 * comes, never a whole chunk; trailers are put into the map, names in lower case. The verdict on a chunk's
 * signature comes at its end, when its data is out.
 * @throws S3Error IncompleteBody where the framing is broken or ends early
 * @throws SignatureError SignatureDoesNotMatch
 */
export async function* decodeChunked(
  source: AsyncIterable<Buffer>,
  trailers: Map<string, string>,
  { chunks, hasSignedTrailers }: Pick<SignedBody, 'chunks' | 'hasSignedTrailers'> = {},
): AsyncGenerator<Buffer> {
  let expecting: 'size' | 'data' | 'end of data' | 'trailer' | 'nothing' = 'size';
  let remaining = 0;
  let signature: string | undefined;
  let line = '';
  for await (const piece of source) {
    let offset = 0;
    while (offset < piece.length) {
      if (expecting === 'data') {
        const data = piece.subarray(offset, offset + remaining);
        offset += data.length;
        remaining -= data.length;
        chunks?.update(data);
        if (remaining === 0) {
          expecting = 'end of data';
          chunks?.endChunk(signature);
        }
        yield data;
        continue;
      }
      const newline = piece.indexOf('\n', offset);
      line += piece.toString('latin1', offset, newline === -1 ? piece.length : newline);
      if (line.length > maximumLineLength) {
        throw new S3Error('IncompleteBody', { message: 'A chunk of the aws-chunked body has no end of line.' });
      }
      if (newline === -1) break;
      offset = newline + 1;
      const text = line.endsWith('\r') ? line.slice(0, -1) : line;
      line = '';
      if (expecting === 'size') {
        ({ bytes: remaining, signature } = readChunkHeader(text));
        expecting = remaining === 0 ? 'trailer' : 'data';
        if (remaining === 0) chunks?.endChunk(signature);
      } else if (expecting === 'trailer' && text !== '') {
        const colon = text.indexOf(':');
        trailers.set(text.slice(0, colon).trim().toLowerCase(), text.slice(colon + 1).trim());
      } else if (text !== '') {
        throw new S3Error('IncompleteBody', { message: 'A chunk of the aws-chunked body is longer than it says.' });
      } else {
        expecting = expecting === 'end of data' ? 'size' : 'nothing';
      }
    }
  }
  // Some clients leave out the last empty line: what a trailer must say is checked by whoever reads it.
  if ((expecting !== 'trailer' && expecting !== 'nothing') || line !== '') {
    throw new S3Error('IncompleteBody', { message: 'The aws-chunked body ended before its last chunk.' });
  }
  if (hasSignedTrailers) chunks?.endTrailers(trailers);
}

const readChunkHeader = (line: string): { bytes: number; signature?: string } => {
  const [, hex, signature] = /^([0-9a-f]{1,12})(?:;chunk-signature=([0-9a-f]{64})|;.*)?$/i.exec(line) ?? [];
  if (hex === undefined) {
    throw new S3Error('IncompleteBody', { message: 'A chunk of the aws-chunked body does not start with its size.' });
  }
  return { bytes: Number.parseInt(hex, 16), signature };
};
