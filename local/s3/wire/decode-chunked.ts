import { S3Error } from '../s3-error.ts';

// A size with its signature, or a trailer, takes some hundred bytes.
const maximumLineLength = 8192;

/**
 * Decodes `aws-chunked` (S3 API, 'Signature calculations: transferring a payload in multiple chunks'), signed or not:
 * `<hex size>[;chunk-signature=...] CRLF <data> CRLF ... 0 CRLF [<name>:<value> CRLF]* CRLF`. Yields the data as it
 * comes, never a whole chunk; trailers are put into the map, names in lower case. Signatures are not verified.
 * @throws S3Error IncompleteBody where the framing is broken or ends early.
 */
export async function* decodeChunked(
  source: AsyncIterable<Buffer>,
  trailers: Map<string, string>,
): AsyncGenerator<Buffer> {
  let expecting: 'size' | 'data' | 'end of data' | 'trailer' | 'nothing' = 'size';
  let remaining = 0;
  let line = '';
  for await (const piece of source) {
    let offset = 0;
    while (offset < piece.length) {
      if (expecting === 'data') {
        const data = piece.subarray(offset, offset + remaining);
        offset += data.length;
        remaining -= data.length;
        expecting = remaining === 0 ? 'end of data' : 'data';
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
        remaining = chunkSize(text);
        expecting = remaining === 0 ? 'trailer' : 'data';
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
}

const chunkSize = (line: string): number => {
  const [, hex] = /^([0-9a-f]{1,12})(?:;.*)?$/i.exec(line) ?? [];
  if (hex === undefined) {
    throw new S3Error('IncompleteBody', { message: 'A chunk of the aws-chunked body does not start with its size.' });
  }
  return Number.parseInt(hex, 16);
};
